import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must, sleep } from './run.ts';

/** A disk as a guest sees it. All are qcow2 files, so that snapshots hold them too. */
export interface Disk {
  /** Names the file below the machine's folder, and the disk in `changeDisks`. */
  name: string;
  /** MiB */
  size: number;
  /** virtio: /dev/vdX; cloud-volume: a SCSI disk as DigitalOcean's volumes look, ID_SERIAL=0DO_Volume_SERIAL. */
  bus: 'virtio' | 'cloud-volume';
  /** null: the disk has none, as most clouds' virtio disks; then udev has no by-id name for it. */
  serial: string | null;
  /** PCI slot, 4 to 30. The guest names virtio disks in this order; the root disk is in ROOT_SLOT. */
  slot: number;
}

export const ROOT_SLOT = 8;
/** Spare disks stand here and following; slots below ROOT_SLOT and between two disks are free for a disk put in front. */
export const FIRST_SLOT = 16;

export interface Machine {
  /** Holds the disks, the log and the sockets. */
  dir: string;
  name: string;
  /** Address with prefix length on the network between the machines. */
  storage: string;
  /** Private SSH host key, PEM text. */
  hostKey: string;
  sshPort: number;
  multicastPort: number;
  /** Unlike on every machine that may share a network. */
  number: number;
  /** MiB */
  memory: number;
  /** A machine by itself boots in two thirds of the time with two; three machines on two processors are a fifth faster with one each (measured). */
  processors: number;
  disks: readonly Disk[];
}

export const socketOf = (dir: string): string => join(dir, 'qmp');
export const logOf = (dir: string): string => join(dir, 'serial.log');
export const rootFile = (dir: string): string => join(dir, 'root.qcow2');
export const diskFile = (dir: string, name: string): string => join(dir, `disk-${name}.qcow2`);
const pidFile = (dir: string): string => join(dir, 'pid');

/** What every machine of this lab is, whatever disks it has. Other CPU models are no faster (measured). */
export const BOARD = ['-accel', 'tcg,thread=multi,tb-size=256', '-machine', 'q35', '-cpu', 'max', '-display', 'none'] as const;

/** unsafe: the guest's flushes reach the host's page cache only. That outlives a killed QEMU, which is this lab's power cut. */
export const drive = (id: string, file: string, format: 'qcow2' | 'raw'): string =>
  `id=${id},if=none,file=${file},format=${format},cache=unsafe,discard=unmap`;

const hex = (n: number): string => n.toString(16).padStart(2, '0');

const diskArguments = ({ dir, disks }: Machine): string[] =>
  disks.flatMap(({ name, bus, serial, slot }) => {
    const addr = `addr=0x${hex(slot)}`;
    const add = ['-drive', drive(`d-${name}`, diskFile(dir, name), 'qcow2')];
    const ending = serial === null ? '' : `,serial=${serial}`;
    if (bus === 'virtio') return [...add, '-device', `virtio-blk-pci,drive=d-${name},${addr}${ending}`];
    const volume = serial === null ? '' : `,device_id=${serial}${ending}`;
    return [
      ...add,
      '-device',
      `virtio-scsi-pci,id=s-${name},${addr}`,
      '-device',
      `scsi-hd,bus=s-${name}.0,drive=d-${name},vendor=DO,product=Volume${volume}`,
    ];
  });

export const qemuArguments = (machine: Machine): string[] => {
  const { dir, name, storage, hostKey, sshPort, multicastPort, number, memory, processors } = machine;
  const sku = Buffer.from(hostKey).toString('base64');
  return [
    ...BOARD,
    ...['-name', name, '-m', String(memory), '-smp', String(processors)],
    ...['-smbios', `type=1,manufacturer=QEMU,product=Lab,serial=${name}@${storage},sku=${sku}`],
    ...['-drive', drive('root', rootFile(dir), 'qcow2')],
    ...['-device', `virtio-blk-pci,drive=root,addr=0x${hex(ROOT_SLOT)},bootindex=1`],
    ...['-netdev', `user,id=n0,hostfwd=tcp:127.0.0.1:${sshPort}-:22`],
    ...['-device', `virtio-net-pci,netdev=n0,addr=0x02,mac=52:54:00:00:00:${hex(number)},romfile=`],
    ...['-netdev', `socket,id=n1,mcast=230.0.0.77:${multicastPort},localaddr=127.0.0.1`],
    ...['-device', `virtio-net-pci,netdev=n1,addr=0x03,mac=52:54:00:00:01:${hex(number)},romfile=`],
    ...['-device', 'virtio-rng-pci,addr=0x1e'],
    ...diskArguments(machine),
    ...['-chardev', `file,id=log,path=${logOf(dir)},append=on`, '-serial', 'chardev:log'],
    ...['-qmp', `unix:${socketOf(dir)},server=on,wait=off`, '-pidfile', pidFile(dir), '-daemonize'],
  ];
};

/** The QEMU that runs out of this folder, or null. A pid that was given to another program since is not ours. */
export const runningPid = (dir: string): number | null => {
  try {
    const pid = Number(readFileSync(pidFile(dir), 'utf8'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return command[0]?.includes('qemu') && command.includes(pidFile(dir)) ? pid : null;
  } catch {
    return null;
  }
};

/** QEMU has started when this returns; the guest has not. */
export const startMachine = async (machine: Machine, snapshot?: string): Promise<void> => {
  if (runningPid(machine.dir) !== null) throw new Error(`${machine.name} is running already`);
  rmSync(pidFile(machine.dir), { force: true });
  await must('qemu-system-x86_64', [...qemuArguments(machine), ...(snapshot === undefined ? [] : ['-loadvm', snapshot])], {
    timeout: 60_000,
  });
};

/** A power cut: nothing in the guest is told. */
export const killMachine = async (dir: string): Promise<void> => {
  const pid = runningPid(dir);
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  await waitForExit(dir, pid, 30_000);
};

/**
 * A killed process lets go of its files after its memory, and of those only with its last thread; until then another QEMU
 * could not open the disks. It may stay a zombie for long after that.
 */
const hasEnded = (dir: string, pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return readdirSync(`/proc/${pid}/task`).length <= 1;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command !== '' && !command.split('\0').includes(pidFile(dir));
  } catch {
    return true;
  }
};

export const waitForExit = async (dir: string, pid: number, timeout: number): Promise<void> => {
  const end = Date.now() + timeout;
  while (!hasEnded(dir, pid)) {
    if (Date.now() > end) throw new Error(`QEMU ${pid} (${dir}) did not end within ${timeout / 1000} s`);
    await sleep(100);
  }
};

export const newDiskFile = (file: string, size: number): Promise<string> =>
  must('qemu-img', ['create', '-q', '-f', 'qcow2', file, `${size}M`]);

export const overlayFile = (file: string, base: string): Promise<string> =>
  must('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'raw', file]);
