import pLimit from 'p-limit';
import type { ClockSeen } from '../checks/check.ts';
import { GlusterctlError } from '../errors.ts';
import type { Host } from '../model/host.ts';

const ROUNDS = 3;

/** One question: the node read its clock somewhere between sending and answer. Without %N (busybox) only seconds are known. */
const ask = async (host: Host): Promise<ClockSeen | null> => {
  const sent = Date.now();
  const { stdout } = await host.run('date +%s.%N', { timeout: 30_000 });
  const back = Date.now();
  const [, seconds, fraction] = /^(\d+)\.(\d*)/.exec(stdout) ?? [];
  if (seconds === undefined) return null;
  const blur = fraction ? 0 : 0.5;
  return {
    offset: Number(seconds) + (fraction ? Number(`0.${fraction}`) : 0.5) - (sent + back) / 2000,
    error: (back - sent) / 2000 + blur,
  };
};

/** Each node's clock against this machine's: of a few questions the one that was answered fastest. */
export const readClocks = async (hosts: ReadonlyMap<string, Host>, concurrency: number): Promise<Map<string, ClockSeen>> => {
  const limit = pLimit(concurrency);
  const clocks = new Map<string, ClockSeen>();
  const read = async (name: string, host: Host): Promise<void> => {
    for (let i = 0; i < ROUNDS; i += 1) {
      const seen = await ask(host);
      const best = clocks.get(name);
      if (seen !== null && (best === undefined || seen.error < best.error)) clocks.set(name, seen);
    }
  };
  const quietly = (error: unknown): void => {
    if (!(error instanceof GlusterctlError)) throw error;
  };
  await Promise.all([...hosts].map(([name, host]) => limit(() => read(name, host).catch(quietly))));
  return clocks;
};
