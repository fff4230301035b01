import { type Check, onEachNode, refused, sharing, words } from './check.ts';

const GIB = 2 ** 30;

/** 3.10 is that of RHEL 7, the oldest that glusterctl knows. */
const isOldKernel = (kernel: string): boolean => {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  return major < 3 || (major === 3 && minor < 10);
};

/** gluster/glusterdocs, Community-Packages: what there are packages for is 64-bit. */
const NARROW = /^(i.86|armv[1-7].*|armhf|armel|mips|ppc)$/;

export const machineChecks: readonly Check[] = [
  refused({
    id: 'system-unsupported',
    title: 'The system is none that glusterctl can install packages on',
    cause: 'it has neither apt nor dnf or yum, or no GlusterFS server packages',
    remedy: 'use Debian, Ubuntu, or RHEL and its like; or leave the node out',
  }),
  onEachNode(
    {
      id: 'architecture',
      title: 'The processor is a 32-bit one',
      severity: 'warn',
      cause: 'upstream builds and tests GlusterFS for 64-bit processors only; some distributions have it for others',
      remedy: "take the distribution's packages (gluster.source: distro), and try it with data that you can lose",
    },
    ({ os: { arch } }) => NARROW.test(arch.machine) && `the processor is a ${arch.machine}`,
  ),
  refused({
    id: 'no-systemd',
    title: 'systemd does not run',
    cause: 'glusterd and mounts are started by systemd units; in containers and on some systems something else is process 1',
    remedy: 'use a system that is run by systemd',
  }),
  onEachNode(
    {
      id: 'system-state',
      title: 'The system is not up, or going down',
      severity: 'stop',
      cause: 'it is still booting, in rescue mode, or shutting down',
      remedy: 'see: systemctl list-jobs; systemctl --failed',
    },
    ({ host: { system } }) => ['starting', 'initializing', 'maintenance', 'stopping'].includes(system) && `systemd says: ${system}`,
  ),
  onEachNode(
    {
      id: 'kernel-old',
      title: 'The kernel is too old',
      severity: 'stop',
      cause: 'GlusterFS needs FUSE and XFS as they are since Linux 3.10',
      remedy: 'upgrade the system',
    },
    ({ machine: { kernel } }) => isOldKernel(kernel) && `the kernel is ${kernel}`,
  ),
  refused({
    id: 'module-missing',
    title: 'The kernel lacks a module that is needed',
    cause: 'thin bricks need dm_thin_pool and mounts need fuse; small kernels of clouds leave them out',
    remedy: 'install the modules (linux-modules-extra on Ubuntu), boot another kernel, or do without thin bricks',
  }),
  onEachNode(
    {
      id: 'fuse-device',
      title: 'There is no /dev/fuse',
      severity: 'stop',
      cause: 'a container gets it only when it is passed through',
      remedy: 'pass /dev/fuse through to the container, or mount on another node',
    },
    ({ host, machine }, { name }, { cluster }) =>
      !host.fuse &&
      machine.container &&
      cluster.mounts.some(({ nodes }) => nodes.includes(name)) &&
      'a volume is to be mounted, and there is no /dev/fuse',
  ),
  onEachNode(
    {
      id: 'container',
      title: 'The node is a container',
      severity: 'warn',
      cause:
        'a container has the kernel and the clock of its machine: no module is loaded and no clock is set from inside, and LVM does not work',
      remedy: 'load dm_thin_pool and fuse on the machine that carries it, and keep the time there',
    },
    ({ machine }) => machine.container && `it runs in ${machine.virtualisation}`,
  ),
  onEachNode(
    {
      id: 'memory',
      title: 'There is little memory',
      severity: 'warn',
      cause: 'glusterd, each brick and the self-heal daemon take some 50 to 200 MiB each, more under load',
      remedy: 'give the node 1 GiB or more, better 4',
    },
    ({ machine: { memory } }, { roles }) => {
      const least = roles.includes('server') ? GIB : GIB / 2;
      // What firmware and kernel keep for themselves is not in MemTotal.
      return memory > 0 && memory < least * 0.85 && `there are ${Math.round(memory / 2 ** 20)} MiB of memory`;
    },
  ),
  onEachNode(
    {
      id: 'root-read-only',
      title: 'The root filesystem is read-only',
      severity: 'stop',
      cause: 'the kernel made it so after an error of the disk, or the system is meant to be',
      remedy: 'see: dmesg; check the disk, then: mount -o remount,rw /',
    },
    ({ mounts }) =>
      mounts
        .filter(({ target }) => target === '/')
        .at(-1)
        ?.options.includes('ro') === true && '/ is mounted read-only',
  ),
  {
    id: 'machine-twice',
    title: 'Two names lead to one machine',
    severity: 'stop',
    cause: 'their addresses lead to the same machine: a copied line, a name with two owners, or a jump host that forwards',
    remedy: 'correct the addresses in cluster.yaml',
    evaluate: ({ nodes }) =>
      sharing(nodes, ({ machine }) => machine.bootId).map(({ names }) => ({
        node: null,
        what: `${words(names)} are one and the same machine`,
      })),
  },
  {
    id: 'machine-id',
    title: 'Nodes have the same machine-id',
    severity: 'warn',
    cause: 'they were cloned from one image; DHCP servers and journals take one for the other',
    remedy: 'on all but one: rm /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup; reboot',
    evaluate: ({ nodes }) =>
      sharing(nodes, ({ machine }) => machine.machineId).map(({ names }) => ({
        node: null,
        what: `${words(names)} have the same machine-id`,
      })),
  },
  {
    id: 'host-name-twice',
    title: 'Nodes have the same host name',
    severity: 'warn',
    cause: 'they were cloned, and never given names of their own',
    remedy: 'hostnamectl set-hostname NAME on each',
    evaluate: ({ nodes }) =>
      sharing(nodes, ({ addresses }) => addresses.hostname).map(({ value, names }) => ({
        node: null,
        what: `${words(names)} are all called ${value}`,
      })),
  },
];
