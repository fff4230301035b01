import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from './answers.ts';
import type { Say } from './cached.ts';
import { cgroupOf } from './cgroup.ts';
import { down, labId, lockOf, tearDown } from './down.ts';
import { startHolder } from './holder.ts';
import { build, type Family } from './image.ts';
import { claimLink } from './link.ts';
import { withLock } from './lock.ts';
import { labDir } from './paths.ts';
import { prerequisites } from './prerequisites.ts';
import { until } from './run.ts';
import { knownHost, sshArgs, sshKey } from './ssh-key.ts';
import { shellVariables } from './state.ts';

export interface TargetsOptions {
  /** 1 to 30 000. */
  count: number;
  /** Default "targets"; in the same name space as labs. */
  name?: string;
  say?: Say;
}

/**
 * Many SSH servers for the price of one: a single sshd answers at every address,
 * and gives each session a host name of its own. All share one root filesystem and
 * no systemd runs. Good for measuring connections and facts, not for changes.
 */
export interface Targets {
  readonly dir: string;
  /** target-1, target-2, ...; the login is root. */
  readonly targets: { name: string; address: string }[];
  readonly identityFile: string;
  readonly knownHosts: string;
  sshArgs(address: string): string[];
  down(): Promise<void>;
}

const start = async (name: string, count: number, root: string): Promise<Targets> => {
  const id = labId(name);
  const dir = labDir(name);
  mkdirSync(join(dir, 'root'), { recursive: true });
  const { net, uplink } = await claimLink(id, 16);
  const targets = Array.from({ length: count }, (_, i) => ({
    name: `target-${i + 1}`,
    address: `${net}.${(i + 1) >> 8}.${(i + 1) & 255}`,
  }));
  const identityFile = join(dir, 'id_ed25519');
  const knownHosts = join(dir, 'known_hosts');
  const login = await sshKey(identityFile, 'glusterctl-lab');
  const hostKey = await sshKey(join(dir, 'host_key'), name);
  writeFileSync(join(dir, 'authorized_keys'), login.public);
  writeFileSync(knownHosts, targets.map(({ address }) => knownHost(hostKey, address)).join(''));
  writeFileSync(join(dir, 'lab.conf'), shellVariables({ LAB: id, CGROUP: cgroupOf(id), UPLINK: uplink, NET: net, IMAGE: root }));
  await startHolder({ dir, script: 'targets.sh', uplink, keep: false });
  await until('the targets to answer', 10_000, () => answers(`ssh://${targets[0]?.address}:22`));
  return {
    dir,
    targets,
    identityFile,
    knownHosts,
    sshArgs: (address) => sshArgs(identityFile, knownHosts, 'root', address),
    down: () => down(name),
  };
};

/** They end with this process at the latest. */
export const openTargets = async ({ count, name = 'targets', say }: TargetsOptions): Promise<Targets> => {
  const tell = say ?? ((line) => process.stderr.write(`lab: ${line}\n`));
  if (!(count >= 1 && count <= 30_000)) throw new Error(`1 to 30000 targets, not ${count}`);
  const families = new Set<Family>(['debian']);
  await prerequisites(families, tell);
  const { debian: root } = (await build(families, false, tell)).roots;
  return withLock(lockOf(name), async () => {
    await tearDown(name);
    try {
      return await start(name, count, root);
    } catch (error) {
      await tearDown(name);
      throw error;
    }
  });
};
