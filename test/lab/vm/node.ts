import { existsSync } from 'node:fs';
import { type DiskSpec, toDisks } from './disks.ts';
import { type Disk, diskFile, killMachine, logOf, newDiskFile, runningPid, socketOf, startMachine } from './machine.ts';
import { monitor } from './qmp.ts';
import type { Output } from './run.ts';
import { bootId, type ExecOptions, exec, type Login, put } from './ssh.ts';
import { knownHostsFile, type NodeState, type State, save } from './state.ts';
import { logTail, mustExec, powerOff, waitForLogin } from './wait.ts';

export class VmNode {
  readonly #state: State;
  readonly #node: NodeState;
  readonly login: Login;

  constructor(state: State, node: NodeState, identity: string) {
    this.#state = state;
    this.#node = node;
    this.login = { port: node.machine.sshPort, identity, knownHosts: knownHostsFile(state.name) };
  }

  get name(): string {
    return this.#node.machine.name;
  }
  get sshPort(): number {
    return this.#node.machine.sshPort;
  }
  /** Address on the network between the machines. */
  get storage(): string {
    return this.#node.machine.storage.split('/')[0] as string;
  }
  get disks(): readonly Disk[] {
    return this.#node.machine.disks;
  }
  /** What the machine said on its serial console, over all its boots. */
  get log(): string {
    return logOf(this.#node.machine.dir);
  }
  get running(): boolean {
    return runningPid(this.#node.machine.dir) !== null;
  }
  /** QEMU's machine protocol, for what is not offered here. */
  get socket(): string {
    return socketOf(this.#node.machine.dir);
  }

  /** Runs a POSIX sh script; fails only when time is up (120 s by default). */
  exec(script: string, options?: ExecOptions): Promise<Output> {
    return exec(this.login, script, options);
  }
  /** As `exec`, and fails unless the exit code is 0; gives stdout. */
  must(script: string, options?: ExecOptions): Promise<string> {
    return mustExec(this.#node.machine, this.login, script, options);
  }
  /** Copies a file of this machine to the node, as root. */
  put(from: string, to: string): Promise<void> {
    return put(this.login, from, to);
  }
  bootId(): Promise<string | null> {
    return bootId(this.login);
  }
  /** Waits for a login, in another boot than `before`; gives its boot id. */
  waitForLogin(before: string | null = null, limit?: number): Promise<string> {
    return waitForLogin(this.#node.machine, this.login, before, limit);
  }

  /** Done when root can log in to the next boot. */
  async reboot(): Promise<void> {
    const before = (await this.must('cat /proc/sys/kernel/random/boot_id')).trim();
    await this.must('systemctl --no-block reboot');
    await this.waitForLogin(before);
  }
  /** Off at once; the guest is told nothing. What it had flushed stays. */
  powerCut(): Promise<void> {
    return killMachine(this.#node.machine.dir);
  }
  /** A clean shutdown. */
  stop(): Promise<void> {
    return powerOff(this.#node.machine, this.login);
  }
  /** Done when root can log in. */
  async start(): Promise<void> {
    await startMachine(this.#node.machine);
    await this.waitForLogin();
  }

  /**
   * The disks from the next start on: those of before by their names (their content stays; slot, bus and serial may
   * differ) and new, empty ones. The content of a disk that is left out stays too, for when it is put back.
   */
  async changeDisks(specs: readonly DiskSpec[]): Promise<void> {
    const { machine } = this.#node;
    if (this.running) throw new Error(`${this.name}: disks are changed while the machine is off`);
    const disks = toDisks(specs, machine.number);
    for (const disk of disks)
      if (!existsSync(diskFile(machine.dir, disk.name))) await newDiskFile(diskFile(machine.dir, disk.name), disk.size);
    this.#node.machine = { ...machine, disks };
    save(this.#state);
  }

  /** For `VmLab.snapshot` and `restore`, which keep all machines in step. */
  async pause(): Promise<void> {
    if (this.running) await monitor(this.socket, 'stop');
  }
  async resume(): Promise<void> {
    if (this.running) await monitor(this.socket, 'cont');
  }
  async save(label: string): Promise<void> {
    if (!this.running) throw new Error(`${this.name}: only a running machine can be saved`);
    await monitor(this.socket, `savevm ${label}`);
    this.#node.snapshots[label] = [...this.disks];
    save(this.#state);
  }
  async load(label: string): Promise<void> {
    const { machine, snapshots } = this.#node;
    const disks = snapshots[label];
    if (disks === undefined) throw new Error(`${this.name} has no snapshot "${label}"; it has: ${Object.keys(snapshots).join(', ')}`);
    if (this.running && JSON.stringify(disks) === JSON.stringify(machine.disks)) {
      await monitor(this.socket, `loadvm ${label}`);
      return;
    }
    await this.powerCut();
    this.#node.machine = { ...machine, disks };
    save(this.#state);
    await startMachine(this.#node.machine, label);
  }
  /** The guest's clock stands where the snapshot was taken until it is set. */
  async setClock(): Promise<void> {
    await this.waitForLogin();
    await this.must(`date -s @${(Date.now() / 1000).toFixed(3)} >/dev/null`);
  }
  consoleTail(): string {
    return logTail(this.#node.machine.dir);
  }
}
