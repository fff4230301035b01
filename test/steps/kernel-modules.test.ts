import { describe, expect, it } from 'vitest';
import type { ModuleState, Modules } from '../../src/facts/modules.ts';
import type { Disk } from '../../src/model/cluster.ts';
import { kernelModules } from '../../src/steps/kernel-modules.ts';
import { bookworm, cluster, file, gluster, ids, node, reasons, run } from './answers.ts';

type Is = Parameters<typeof kernelModules.plan>[1];

const AUTOLOAD = '# Written by glusterctl\ndm_thin_pool\nfuse\n';
const want = { modules: ['dm_thin_pool', 'fuse'], needed: [] };
const thin = { ...want, needed: [{ module: 'dm_thin_pool', by: 'a disk with use: thin' }] };

const facts = (
  thinPool: ModuleState,
  fuse: ModuleState,
  more: { folder?: boolean; container?: boolean; autoload?: string; id?: string } = {},
): Is => {
  const states = new Map([['dm_thin_pool', thinPool] as const, ['fuse', fuse] as const]);
  const modules: Modules = { kernel: '6.1.0-13-amd64', folder: more.folder ?? true, states };
  const machine = { container: more.container ?? false } as Is['machine'];
  return { modules, machine, os: { ...bookworm, id: more.id ?? 'debian' }, autoload: file(more.autoload ?? null) };
};

describe('kernel-modules', () => {
  it('adds fuse on clients, and knows what needs which module', () => {
    const disk: Disk = { select: { by: 'device', value: '/dev/vdb' }, link: null, use: 'thin', mount: '/data', raid: null, wipe: false };
    const nodes = [node('a', { disks: [disk] }), node('b', { roles: ['client'] })];
    const jobs = kernelModules.jobs(
      cluster({ gluster: gluster({ modules: ['dm-thin-pool'] }), nodes, mounts: [{ volume: 'v', path: '/mnt', nodes: ['b'] }] }),
    );
    expect(jobs).toEqual([
      { node: 'a', want: { modules: ['dm_thin_pool'], needed: [{ module: 'dm_thin_pool', by: 'a disk with use: thin' }] } },
      { node: 'b', want: { modules: ['dm_thin_pool', 'fuse'], needed: [{ module: 'fuse', by: 'a mount' }] } },
    ]);
  });

  it('knows that Heketi makes thin pools too, whatever glusterd runs in: modules are loaded on the host (voice 8)', () => {
    const raw: Disk = { select: { by: 'device', value: '/dev/vdb' }, link: null, use: 'heketi', mount: null, raid: null, wipe: false };
    const [job] = kernelModules.jobs(cluster({ nodes: [node('a', { disks: [raw] })] }));
    expect(job?.want.needed).toEqual([{ module: 'dm_thin_pool', by: 'a disk with use: heketi' }]);
    expect(job?.want.modules).toContain('dm_thin_pool');
  });

  it('loads what can be loaded, keeps all of it, and then has nothing to do', () => {
    const changes = kernelModules.plan(want, facts('available', 'builtin'));
    expect(ids(changes)).toEqual(['module:dm_thin_pool', 'file:/etc/modules-load.d/glusterctl.conf']);
    expect(changes[1]?.diff?.after).toBe(AUTOLOAD);
    expect(kernelModules.plan(want, facts('loaded', 'builtin', { autoload: AUTOLOAD }))).toEqual([]);
    expect(kernelModules.notes?.(want, facts('loaded', 'builtin'))).toEqual([]);
  });

  it('leaves out of the file what the kernel does not have, and says so', () => {
    const is = facts('missing', 'available', { autoload: AUTOLOAD });
    expect(kernelModules.plan(want, is).at(-1)?.diff?.after).toBe('# Written by glusterctl\nfuse\n');
    expect(kernelModules.notes?.(want, is)).toEqual([
      expect.stringMatching(/^no kernel module dm_thin_pool: the kernel 6.1.0-13-amd64 comes without it/),
    ]);
  });

  it('has nothing to do in a container that has no modules, and takes back a file that is of no use there', () => {
    expect(kernelModules.plan(want, facts('missing', 'builtin', { folder: false, container: true }))).toEqual([]);
    const [change] = kernelModules.plan(want, facts('missing', 'builtin', { folder: false, container: true, autoload: AUTOLOAD }));
    expect(change?.title).toBe('remove /etc/modules-load.d/glusterctl.conf');
  });

  it.each([
    [{ container: true, folder: false }, /the node is a container \| load it on the machine/],
    [{ folder: false }, /no \/lib\/modules\/6.1.0-13-amd64 \| reboot the node/],
    [{ id: 'ubuntu' }, /apt-get install linux-modules-extra-6.1.0-13-amd64/],
    [{}, /comes without it \| boot a kernel that has it/],
  ])('refuses a thin disk on a kernel without the module (voice 8): %j', (more, expected) => {
    const [reason] = reasons(() => kernelModules.plan(thin, facts('missing', 'builtin', more)));
    expect(reason).toMatch(/^the kernel has no module dm_thin_pool, which a disk with use: thin needs/);
    expect(reason).toMatch(expected);
  });

  it('does not fail an undo because something else uses the module by now', () => {
    const undo = kernelModules.plan(want, facts('available', 'builtin'))[0]?.undo;
    if (!undo || undo === 'nothing') throw new Error('has no undo');
    const on = (loaded: boolean, modprobe: number) =>
      run({ ...undo, text: `grep() { return ${loaded ? 0 : 1}; }\nmodprobe() { return ${modprobe}; }\n${undo.text}` } as typeof undo);
    expect(on(false, 1)).toMatchObject({ code: 0 });
    expect(on(true, 0)).toMatchObject({ code: 0 });
    expect(on(true, 1)).toEqual({ code: 121, stdout: '', stderr: 'the module dm_thin_pool stays loaded: something else uses it\n' });
  });
});
