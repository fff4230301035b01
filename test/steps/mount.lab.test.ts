import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PoolChange } from '../../src/model/change.ts';
import { brickDirectory } from '../../src/steps/brick-directory.ts';
import { escapePath } from '../../src/steps/mount/escape.ts';
import { mount } from '../../src/steps/mount.ts';
import { peers } from '../../src/steps/peers.ts';
import { volume } from '../../src/steps/volume.ts';
import { cluster, node } from '../helpers/cluster.ts';
import type { Lab } from '../lab/index.ts';
import { clientListing, idsOf, onLab, openGlusterLab } from './on-lab.ts';

const SERVERS = ['node-1', 'node-2', 'node-3'];
const PATH = '/mnt/deep/gv-0';
const UNIT = '/etc/systemd/system/mnt-deep-gv\\x2d0';

const WAIT = UNIT.replace('mnt', 'glusterctl-wait-mnt').concat('.service');

let lab: Lab;
let work: ReturnType<typeof onLab>;
let done: readonly PoolChange[];
let before: string[];

const exec = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await lab.node(name).exec(script);
  if (code !== 0) throw new Error(`${name}: ${script}: ${stderr}`);
  return stdout;
};
/**
 * As a pod has it: kubelet binds the path of a `local` volume to a folder of the pod's, the runtime that into the
 * container's own mounts, which follow the node's (HostToContainer).
 */
const inPod = (name: string, script: string): Promise<string> =>
  exec(
    name,
    `v=/var/lib/kubelet/pods/$$/volume
    mkdir -p "$v" && mount --bind ${PATH} "$v" && trap 'umount -l "$v"; rmdir -p "$v" 2>/dev/null || :' EXIT
    v=$v unshare --mount --propagation slave sh -c 'mkdir -p /run/container && mount --rbind "$v" /run/container && cd /run/container && ${script}'
    rmdir /run/container`,
  );
const clients = () => Promise.all(['node-1', 'node-4'].map((name) => clientListing(lab.node(name))));

beforeAll(async () => {
  lab = await openGlusterLab('steps-mount', 4);
  const roles = { 'node-1': ['server', 'client'] as const, 'node-4': ['client'] as const };
  const nodes = lab.nodes.map(({ name, address }) =>
    node(name, { address, storage: address, roles: roles[name as 'node-1'] ?? ['server'] }),
  );
  const gv0 = {
    name: 'gv0',
    type: 'replicate' as const,
    setSize: 3,
    redundancy: 0,
    bricks: SERVERS.map((name) => ({ node: name, path: '/data/brick1/gv0' })),
    options: { 'network.ping-timeout': '5' },
    group: null,
    start: true,
    allow: [],
  };
  work = onLab(lab, cluster({ nodes, volumes: [gv0], mounts: [{ volume: 'gv0', path: PATH, nodes: ['node-1', 'node-4'] }] }));
  for (const step of [brickDirectory, peers, volume]) await work.apply(step);
  before = await clients();
});
afterAll(() => lab?.down());

describe('mounts on clients', () => {
  it('work when the plan is done, and are then not planned again', async () => {
    const planned = await work.changes(mount);
    expect(idsOf(planned)).toEqual(
      ['node-1', 'node-4'].flatMap((name) => [
        `${name}/folder:${PATH}`,
        `${name}/file:${WAIT}`,
        `${name}/file:${UNIT}.mount`,
        `${name}/file:${UNIT}.automount`,
        `${name}/mount:${PATH}`,
      ]),
    );
    expect(await clients()).toEqual(before);
    done = await work.apply(mount);
    expect(done.map((c) => c.do.text)).toEqual(planned.map((c) => c.do.text));
    for (const change of done) expect(await work.perform(change)).toMatchObject({ code: 0 });
    expect(await work.changes(mount)).toEqual([]);
    await exec('node-1', `echo hello >${PATH}/greeting`);
    expect(await exec('node-4', `cat ${PATH}/greeting`)).toBe('hello\n');
    expect(await exec('node-1', `findmnt -n -t fuse.glusterfs -o SOURCE ${PATH}`)).toBe('localhost:/gv0\n');
    expect(await exec('node-4', `findmnt -n -t fuse.glusterfs -o SOURCE ${PATH}`)).toBe('node-1:/gv0\n');
  });

  it('say the same whether they were used or not', async () => {
    await exec('node-4', `systemctl stop '${UNIT.replace(/.*\//, '')}.mount'`);
    expect(await work.changes(mount)).toEqual([]);
    expect(await exec('node-4', 'grep -c fuse.glusterfs /proc/self/mountinfo || :')).toBe('0\n');
    expect(await exec('node-4', `cat ${PATH}/greeting`)).toBe('hello\n');
  });

  it('T33: are there after a reboot, of a client and of a server, with the first server down', async () => {
    await lab.node('node-2').powerCut({ stayOff: true });
    await lab.node('node-1').reboot();
    expect(await inPod('node-1', 'cat greeting')).toBe('hello\n');
    await lab.node('node-2').powerOn();
    await expect.poll(() => exec('node-2', 'gluster volume status gv0 | grep -c " Y "'), { timeout: 60_000, interval: 1000 }).toBe('6\n');
    await expect
      .poll(() => exec('node-1', 'gluster volume heal gv0 info | grep -c "Number of entries: 0"'), { timeout: 60_000, interval: 1000 })
      .toBe('3\n');
    // Now the one that node-4 asks first.
    await lab.node('node-1').powerCut({ stayOff: true });
    await lab.node('node-4').reboot();
    expect(await inPod('node-4', 'cat greeting && echo "of a pod" >pods && cat pods && rm pods')).toBe('hello\nof a pod\n');
    expect(await exec('node-4', `cat ${PATH}/greeting; systemctl is-system-running`)).toBe('hello\nrunning\n');
    await lab.node('node-1').powerOn();
    await expect.poll(() => exec('node-1', 'gluster volume status gv0 | grep -c " Y "'), { timeout: 60_000, interval: 1000 }).toBe('6\n');
    expect(await work.changes(mount)).toEqual([]);
  });

  it('stay as long as they are used, and leave nothing when they are taken back', async () => {
    await exec('node-4', `rm ${PATH}/greeting; cd ${PATH}; sleep 300 >/dev/null 2>&1 & echo $! >/run/user.pid`);
    const [last] = [...done].reverse();
    if (!last) throw new Error('nothing was done');
    expect(await work.undo(last)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use and stays mounted/) });
    expect(await exec('node-4', `ls -A ${PATH}`)).toBe('');
    await exec('node-4', 'kill $(cat /run/user.pid); rm /run/user.pid');
    await work.rollBack(done);
    expect(await clients()).toEqual(before);
    await work.rollBack(done);
    expect(await clients()).toEqual(before);
  });

  it('keep a folder that was there, and one that has something in it by now', async () => {
    await exec('node-4', `mkdir -p ${PATH}`);
    const again = await work.apply(mount);
    expect(idsOf(again)).not.toContain(`node-4/folder:${PATH}`);
    const folder = again.find((c) => c.id === `folder:${PATH}`);
    await work.rollBack(again.filter((c) => c !== folder));
    expect(await exec('node-4', `ls -d ${PATH}`)).toBe(`${PATH}\n`);
    await exec('node-1', `touch ${PATH}/mine`);
    expect(folder && (await work.undo(folder))).toMatchObject({ code: 121, stderr: expect.stringMatching(/is not empty and stays/) });
    const { reasons } = await work.plan(mount);
    expect(reasons).toEqual([expect.objectContaining({ node: 'node-1', what: `${PATH} is not empty` })]);
    await exec('node-1', `rm -r /mnt/deep`);
  });

  it('T32: say why when no brick is reached', async () => {
    await exec('node-1', 'gluster --mode=script volume stop gv0');
    const last = (await work.changes(mount)).find((c) => c.node === 'node-1' && c.id.startsWith('mount:'));
    for (const change of (await work.changes(mount)).filter((c) => c.node === 'node-1' && c.id !== last?.id)) await work.perform(change);
    expect(last && (await work.perform(last))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/does not mount: .*\n[\s\S]*No brick is reached: they do not run/),
    });
    await exec('node-1', 'gluster --mode=script volume start gv0');
    expect(last && (await work.perform(last))).toMatchObject({ code: 0 });
  });
});

describe('unit names', () => {
  it('are those of systemd-escape', async () => {
    const alphabet = [...'aZ09-_.+@=:% \\\'"#~é(', '/'];
    const paths = Array.from({ length: 300 }, (_, i) => {
      const length = 1 + (i % 12);
      return `/${Array.from({ length }, (_x, k) => alphabet[(i * 31 + k * 17 + i * k * 7) % alphabet.length]).join('')}`;
    }).filter((path) => !/(^|\/)\.\.(\/|$)/.test(path));
    const list = Buffer.from(`${paths.join('\n')}\n`).toString('base64');
    const said = await exec('node-4', `printf %s ${list} | base64 -d | while IFS= read -r p; do systemd-escape --path -- "$p"; done`);
    expect(paths.map(escapePath)).toEqual(said.trimEnd().split('\n'));
    expect(paths.length).toBeGreaterThan(200);
  });
});
