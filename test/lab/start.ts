import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Say } from './cached.ts';
import { certificate } from './certificate.ts';
import { cgroupOf } from './cgroup.ts';
import { labId } from './down.ts';
import { startHolder } from './holder.ts';
import type { Built, Family } from './image.ts';
import { raiseInotifyLimit } from './inotify.ts';
import { claimLink } from './link.ts';
import { labDir, scripts } from './paths.ts';
import { writeSeed } from './seed.ts';
import { knownHost, sshKey } from './ssh-key.ts';
import { type LabState, shellVariables, writeState } from './state.ts';

export interface LabOptions {
  /** [a-z0-9-]; labs of different names run side by side. */
  name: string;
  /** How many (node-1, node-2, ...), or their names. Default 3. */
  nodes?: number | readonly string[];
  /** Nodes that are not Debian, by name. */
  families?: Readonly<Record<string, Family>>;
  /** An XFS filesystem is mounted at /data/brick1, at every boot. Default true. */
  brickMount?: boolean;
  /** Sizes of the blank disks /dev/vdb, /dev/vdc, ... (sparse, in RAM). Default one of 2G. */
  disks?: readonly string[];
  /** Size of the brick's filesystem, at least 300M. Default 4G. */
  brickSize?: string;
  /** Size of the root filesystem, in RAM. Default 4G. */
  rootSize?: string;
  /** The package server also gives out container images: registry.example/glusterfs:10.3 and :10.4. Default false. */
  images?: boolean;
  /** sshd listens there too, besides 22. */
  ports?: readonly number[];
  /**
   * Debian's packages bring geo-replication along. glusterd then starts a Python 14 times whenever it starts, and `gluster` does
   * once: half of what a pool's test takes of the processor. false: dpkg leaves out that program, as EL's packages do. Default true.
   */
  geoReplication?: boolean;
  /** As Debian's cloud images do: a node's own name leads to 127.0.1.1. */
  loopbackName?: boolean;
  /** It outlives this process. Default false: it ends with it, however that ends. */
  keep?: boolean;
  /** Where progress goes; default stderr. */
  say?: Say;
}

/** Makes the lab's folder and starts everything in it. The nodes are still booting then. */
export const start = async (built: Built, o: LabOptions, say: Say): Promise<LabState> => {
  const { name } = o;
  const id = labId(name);
  const dir = labDir(name);
  const names = typeof o.nodes === 'object' ? [...o.nodes] : Array.from({ length: o.nodes ?? 3 }, (_, i) => `node-${i + 1}`);
  if (names.length < 1 || names.length > 200) throw new Error(`a lab has 1 to 200 nodes, not ${names.length}`);
  const familyOf = (node: string): Family => o.families?.[node] ?? 'debian';
  const rootOf = (node: string): string => {
    const root = built.roots[familyOf(node)];
    if (root === undefined) throw new Error(`there is no image for ${node}`);
    return root;
  };
  const strange = Object.keys(o.families ?? {}).find((node) => !names.includes(node));
  if (strange !== undefined) throw new Error(`a family is given for ${strange}, but the nodes are ${names.join(', ')}`);
  if (/[:,]/.test(dir + names.map(rootOf).join(''))) throw new Error(`overlayfs needs a path without ":" and ",", not ${dir}`);
  await raiseInotifyLimit(say);

  mkdirSync(dir, { recursive: true, mode: 0o755 });
  // A lab goes on with the scripts it began with, whatever happens to the checkout.
  cpSync(scripts, join(dir, 'scripts'), { recursive: true });
  const { net, uplink } = await claimLink(id, 24);
  const macPrefix = `02:${id.match(/../g)?.join(':')}`;
  const nodes = names.map((node, i) => ({ name: node, address: `${net}.${i + 1}`, family: familyOf(node) }));
  const login = await sshKey(join(dir, 'id_ed25519'), 'glusterctl-lab');

  const spare = (o.disks ?? ['2G']).map((size, i) => `vd${'bcdefgh'[i]}=${size}`);
  const brick = (o.brickMount ?? true) ? `vd${'bcdefgh'[spare.length]}` : '';
  if (spare.length + (brick ? 1 : 0) > 7) throw new Error('a lab node has at most 7 disks');
  const ports = o.ports ?? [];

  const known = await Promise.all(
    nodes.map(async ({ name: node, address }, i) => {
      const at = join(dir, 'nodes', node);
      mkdirSync(join(at, 'mnt'), { recursive: true });
      const hostKey = await sshKey(join(at, 'host_key'), node);
      const seed = {
        name: node,
        address,
        server: `${net}.250`,
        authorizedKeys: login.public,
        hostKey,
        ports,
        loopbackName: o.loopbackName ?? false,
        leftOut: familyOf(node) === 'debian' && o.geoReplication === false ? ['/usr/lib/*/glusterfs/gsyncd'] : [],
      };
      writeSeed(rootOf(node), join(at, 'seed'), seed);
      const variables = {
        NODE: node,
        IMAGE: rootOf(node),
        INDEX: i + 1,
        ADDRESS: address,
        MAC: `${macPrefix}:00:${(i + 1).toString(16).padStart(2, '0')}`,
        UUID: randomUUID(),
        ROOT_SIZE: o.rootSize ?? '4G',
        DISKS: [...spare, ...(brick ? [`${brick}=${o.brickSize ?? '4G'}`] : [])].join(' '),
        BRICK: brick,
      };
      writeFileSync(join(at, 'node.conf'), shellVariables(variables));
      return [22, ...ports].map((port) => knownHost(hostKey, address, port)).join('');
    }),
  );
  writeFileSync(join(dir, 'known_hosts'), known.join(''));
  await certificate(built.keys, dir, `${net}.250`);
  for (const file of ['ca.crt', 'gluster.asc', 'other.asc']) writeFileSync(join(dir, file), readFileSync(join(built.keys, file)));
  const server = { roots: built.www, key: join(dir, 'server.key'), cert: join(dir, 'server.crt') };
  writeFileSync(join(dir, 'server.json'), JSON.stringify(server));
  const cgroup = cgroupOf(id);
  const common = {
    LAB: id,
    CGROUP: cgroup,
    UPLINK: uplink,
    NET: net,
    MAC_PREFIX: macPrefix,
    NODE_BIN: process.execPath,
    SCRIPTS: join(dir, 'scripts'),
    NODES: names.join(' '),
    KEEP: o.keep ? 'yes' : 'no',
  };
  writeFileSync(join(dir, 'lab.conf'), shellVariables(common));

  const holder = await startHolder({ dir, script: 'holder.sh', uplink, keep: o.keep ?? false });

  const fingerprint = (key: string): string => readFileSync(join(built.keys, `${key}.fingerprint`), 'utf8').trim();
  const state: LabState = {
    v: 1,
    name,
    id,
    net,
    cgroup,
    holder,
    nodes,
    keyFile: join(dir, 'gluster.asc'),
    fingerprint: fingerprint('gluster'),
    otherKeyFile: join(dir, 'other.asc'),
    otherFingerprint: fingerprint('other'),
  };
  writeState(state);
  return state;
};
