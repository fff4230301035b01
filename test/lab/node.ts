import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from './image.ts';
import { must, type Output, run, until } from './run.ts';

export interface ExecOptions {
  /** Default 120 000. What is over then is killed; code is 137. */
  timeoutMs?: number;
}

export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly family: Family;
  /** Runs sh as root directly inside, not through SSH. */
  exec(script: string, o?: ExecOptions): Promise<Output>;
  /** An orderly reboot. Back when it takes logins again. */
  reboot(): Promise<void>;
  /** What a power cut is: nothing is told, nothing is written. The node boots again unless `stayOff`. */
  powerCut(o?: { stayOff?: boolean }): Promise<void>;
  powerOn(): Promise<void>;
  /** Pristine again: as on the first boot, same address and host key. */
  reset(): Promise<void>;
  /** Pulls the network cable: nothing comes, nothing goes. It stays out over a reboot. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  /** Keeps the whole state of the disks, the brick's too. The node goes on running, frozen for a moment. */
  snapshot(label: string): Promise<void>;
  /** Boots from a snapshot of this node. */
  restore(label: string): Promise<void>;
  /** Resolves when the node takes logins. */
  ready(): Promise<void>;
}

export interface Cabinet {
  /** The lab's folder, its control group and the pid of its holder. */
  dir: string;
  cgroup: string;
  holder: number;
}

const BOOT_MS = 60_000;

const text = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** sshd listens on port 22 (0x16) in the network namespace of a process. */
const listens = (pid: number): boolean =>
  ['tcp', 'tcp6'].some((table) => / [0-9A-F]+:0016 [0-9A-F]+:0000 0A /.test(text(`/proc/${pid}/net/${table}`) ?? ''));

export const labNode = (
  { dir: labDir, cgroup, holder }: Cabinet,
  { name, address, family }: Pick<LabNode, 'name' | 'address' | 'family'>,
  index: number,
): LabNode => {
  const dir = join(labDir, 'nodes', name);
  const file = (leaf: string): string => join(dir, leaf);

  const state = (): { power: string; boots: number } => {
    const [power = 'new', boots = '0'] = (text(file('state')) ?? '').split(' ');
    return { power: power || 'new', boots: Number(boots) };
  };

  /** The host's pid of the node's systemd, if that runs. */
  const init = (): number | undefined => {
    if (!text(file('booted'))) return undefined;
    const pid = Number(text(file('init.pid')));
    return pid > 0 && text(`/proc/${pid}/cgroup`)?.includes(`/${cgroup.split('/').pop()}/${name}`) ? pid : undefined;
  };

  const log = (): string => (text(file('supervisor.log')) ?? '').split('\n').slice(-8).join('\n');

  const logins = (after: number): Promise<true> =>
    until(`${name} to take logins, see ${file('supervisor.log')}`, BOOT_MS, () => {
      const { power, boots } = state();
      if (power === 'failed') throw new Error(`${name} does not boot: ${log()}`);
      const pid = boots > after ? init() : undefined;
      return pid !== undefined && listens(pid) && !existsSync(`/proc/${pid}/root/run/nologin`);
    });

  const kill = (): void => {
    const pid = init();
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  };

  /** Ends the current boot and has the supervisor do something before the next one. */
  const order = async (what: string): Promise<void> => {
    writeFileSync(file('order.new'), `${what}\n`);
    renameSync(file('order.new'), file('order'));
    await until(`${name} to ${what}`, BOOT_MS, () => {
      if (!existsSync(file('order'))) return true;
      kill();
      return false;
    });
  };

  const orderAndBoot = async (what: string): Promise<void> => {
    const { boots } = state();
    await order(what);
    await logins(boots);
  };

  const cable = async (up: boolean): Promise<void> => {
    await must('nsenter', [`--net=/proc/${holder}/ns/net`, 'ip', 'link', 'set', `p${index}`, up ? 'up' : 'down']);
  };

  return {
    name,
    address,
    family,

    async exec(script, { timeoutMs = 120_000 } = {}) {
      const pid = init();
      if (pid === undefined) throw new Error(`${name} does not run (${state().power})`);
      const env = ['env', '-i', 'LC_ALL=C', 'HOME=/root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
      const limit = ['timeout', '--signal=KILL', `${timeoutMs / 1000}`];
      const enter = ['--target', `${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
      return run('nsenter', [...enter, '--', ...env, ...limit, 'sh', '-c', script]);
    },

    async reboot() {
      const { boots } = state();
      await this.exec('systemctl reboot');
      await logins(boots);
    },

    async powerCut({ stayOff = false } = {}) {
      if (stayOff) {
        await order('off');
        return;
      }
      const { boots } = state();
      kill();
      await logins(boots);
    },

    powerOn: () => (state().power === 'on' ? logins(0).then(() => {}) : orderAndBoot('on')),
    reset: () => orderAndBoot('reset'),

    async unplug() {
      writeFileSync(file('unplugged'), '');
      await cable(false);
    },

    async plug() {
      rmSync(file('unplugged'), { force: true });
      await cable(true);
    },

    async snapshot(label) {
      const supervisor = text(file('supervisor.pid')) ?? '';
      const pid = init();
      if (pid === undefined) throw new Error(`${name} must run for a snapshot`);
      await must('nsenter', ['--target', supervisor, '--mount', 'sh', join(labDir, 'scripts/snapshot.sh'), dir, label, `${pid}`]);
    },

    restore: (label) => orderAndBoot(`restore ${label}`),
    ready: () => logins(0).then(() => {}),
  };
};
