import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BOOTED, bootedFolder, copyMachine, keepBooted, type Seen } from './booted.ts';
import { type DiskSpec, toDisks } from './disks.ts';
import { ensureImage, hostKeyOf, type Image, loginKey, newHostKey } from './image.ts';
import { VmLab } from './lab.ts';
import { withLock } from './lock.ts';
import { diskFile, newDiskFile, overlayFile, rootFile, socketOf, startMachine } from './machine.ts';
import { say, sleep } from './run.ts';
import { downVms, knownHostsFile, labDir, labNames, load, runningMachines, type State, save } from './state.ts';

export interface VmOptions {
  /** [a-z0-9-]; a lab of this name that is left over from a run before is removed first. */
  name: string;
  count?: number;
  disks?: readonly DiskSpec[];
  image?: Image;
  /** MiB for each machine, 1024 by default. The live system in RAM needs 1536. */
  memory?: number;
}

/** Below the ports that the kernel gives out by itself: the port must still be free when the machine starts again. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
};

/** How many machines run at once on this host, all labs together. An emulated machine wants a processor for itself. */
const MOST = Number(process.env.GLUSTERCTL_VM_MAX ?? 3);
/** As long as the longest file of tests runs. Milliseconds. */
const SLOT_LIMIT = 5_400_000;

const seenOf = ({ count = 1, disks = [], memory = 1024 }: VmOptions): Seen[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    storage: `10.77.0.${11 + i}/24`,
    number: i + 1,
    memory,
    processors: availableParallelism() >= 2 * count ? 2 : 1,
    disks: toDisks(disks, i + 1),
  }));

/** Files of all machines of the lab: overlays, disks, keys. `kept`: the folder of such machines that have booted already. */
const prepare = async (state: State, machines: readonly Seen[], kept: string | null): Promise<void> => {
  // Above the ports that the kernel gives out by itself.
  const multicastPort = randomInt(61_001, 65_000);
  const known: string[] = [];
  for (const seen of machines) {
    const dir = join(labDir(state.name), seen.name);
    if (socketOf(dir).length > 107) throw new Error(`the path is too long for a Unix socket: ${socketOf(dir)}`);
    if (kept === null) {
      mkdirSync(dir);
      await newHostKey(dir);
      await overlayFile(rootFile(dir), state.base);
      for (const disk of seen.disks) await newDiskFile(diskFile(dir, disk.name), disk.size);
    } else {
      await copyMachine(join(kept, seen.name), dir);
    }
    const { hostKey, publicKey } = hostKeyOf(dir);
    const sshPort = await freePort();
    known.push(`[127.0.0.1]:${sshPort} ${publicKey}\n`);
    state.nodes.push({ machine: { ...seen, dir, hostKey, sshPort, multicastPort }, snapshots: {} });
  }
  writeFileSync(knownHostsFile(state.name), known.join(''));
  save(state);
};

/** Builds what is missing, boots the machines, or has them go on where such ones had booted, and waits until root can log in to each. */
export const openVms = async (options: VmOptions): Promise<VmLab> => {
  const { name, count = 1, image = 'gluster' } = options;
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`not a name for a lab: ${name}`);
  if (count > MOST) throw new Error(`${count} machines were asked for, and at most ${MOST} run at once (GLUSTERCTL_VM_MAX)`);
  await downVms(name);
  const base = await ensureImage(image);
  const identity = (await loginKey()).file;

  const machines = seenOf(options);
  const folder = await bootedFolder(base, machines);
  const kept = existsSync(folder) ? folder : null;
  const state: State = { name, base, nodes: [] };
  try {
    mkdirSync(labDir(name), { recursive: true });
    await prepare(state, machines, kept);
    await withLock('slots', SLOT_LIMIT, async () => {
      const end = Date.now() + SLOT_LIMIT;
      for (let told = false; runningMachines() + count > MOST; told = true) {
        if (!told) say(`waiting until other labs have left room for ${count} machines (${labNames().join(', ')})`);
        if (Date.now() > end)
          throw new Error(`no room for ${count} machines within ${SLOT_LIMIT / 1000} s; labs: ${labNames().join(', ')}`);
        await sleep(1000);
      }
      for (const { machine } of state.nodes) await startMachine(machine, kept === null ? undefined : BOOTED);
    });
    const lab = new VmLab(state, identity);
    await Promise.all(lab.nodes.map((node) => node.waitForLogin()));
    if (kept === null) await keepBooted(lab, state, folder);
    await Promise.all(lab.nodes.map((node) => node.setClock()));
    return lab;
  } catch (error) {
    await downVms(name);
    throw error;
  }
};

/** A lab that is up: by the command line, or by a run before. */
export const attachVms = async (name: string): Promise<VmLab> => new VmLab(load(name), (await loginKey()).file);
