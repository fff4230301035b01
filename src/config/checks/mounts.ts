import type { Draft, Fail } from '../draft.ts';
import type { Path } from '../problem.ts';
import { parseBrick } from '../shape.ts';
import { isIn, systemFolder } from './disks.ts';
import { knownName } from './names.ts';

/** Mounts of volumes on clients. */
export const checkMounts = (draft: Draft, fail: Fail): void => {
  const { nodes, nodeNames } = draft;
  const clients = nodes.filter((node) => node?.roles.includes('client')).map((node) => node?.name ?? '');
  const seen = new Map<string, number>();

  draft.mounts.forEach((mount, m) => {
    if (mount === null) return;
    const at = (...rest: (string | number)[]): Path => ['mounts', m, ...rest];
    knownName('volume', mount.volume, draft.volumeNames, at('volume'), fail);
    const system = systemFolder(mount.path);
    if (system !== null) fail(at('path'), `${system}: no volume may be mounted there`, { suggestion: 'take a path such as /mnt/gv0' });
    if (mount.nodes === undefined && clients.length === 0 && !nodes.includes(null)) {
      fail(at(), 'no node has the role client', { suggestion: 'add roles: [client] to the nodes that shall mount it' });
    }

    (mount.nodes ?? clients).forEach((name, n) => {
      const here = mount.nodes === undefined ? at('path') : at('nodes', n);
      const node = nodes.find((item) => item?.name === name);
      if (!knownName('node', name, nodeNames, here, fail) || !node) return;
      if (!node.roles.includes('client'))
        fail(here, `${name} has not the role client`, { suggestion: `add client to the roles of ${name}` });
      const first = seen.get(`${name}:${mount.path}`);
      if (first !== undefined) fail(here, `mounts[${first}] is mounted at ${mount.path} on ${name} too`);
      else seen.set(`${name}:${mount.path}`, m);
      const disk = node.disks.find((item) => item?.mount !== undefined && isIn(mount.path, item.mount));
      if (disk) fail(at('path'), `on ${name} a disk is mounted at ${disk.mount}`, { suggestion: 'take a path such as /mnt/gv0' });
      const brick = draft.volumes
        .flatMap((volume) => volume?.bricks ?? [])
        .filter((text) => text !== null)
        .map(parseBrick)
        .find((b) => b.node === name && isIn(mount.path, b.path));
      if (brick) fail(at('path'), `on ${name} ${brick.path} is a brick`, { suggestion: 'take a path such as /mnt/gv0' });
    });
  });
};

/** Volumes for Kubernetes. */
export const checkKubernetes = (draft: Draft, fail: Fail): void => {
  const claims = new Map<string, number>();
  draft.kubernetes.volumes.forEach((entry, k) => {
    if (entry === null) return;
    const { volume, claim, method } = entry;
    const at = (key: string): Path => ['kubernetes', 'volumes', k, key];
    // Heketi makes its volumes itself; they are not in the file.
    if (method !== 'heketi') knownName('volume', volume, draft.volumeNames, at('volume'), fail);
    const first = claims.get(claim);
    if (first !== undefined) fail(at('claim'), `kubernetes.volumes[${first}] has the claim ${claim} too`);
    else claims.set(claim, k);
  });
};
