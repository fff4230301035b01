import { spawn } from 'node:child_process';

export interface Command {
  argv: readonly string[];
  stdin?: string;
  env?: NodeJS.ProcessEnv;
}

/** One run of a whole process: seconds from start to end. Throws with its stderr when it fails. */
export const once = ({ argv: [file = '', ...args], stdin, env }: Command): Promise<number> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve((performance.now() - began) / 1000) : reject(new Error(`${file} ${args.join(' ')}: exit ${code}: ${stderr}`)),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(stdin ?? '');
  });

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

export interface Paired {
  ours: number;
  peer: number;
  /** Median of the ratios pair by pair: it holds when the machine's speed drifts between pairs. */
  ratio: number;
}

/** Both commands in turn, after one warm-up of each. */
export const pair = async (ours: Command, peer: Command, runs: number): Promise<Paired> => {
  await once(ours);
  await once(peer);
  const pairs: [number, number][] = [];
  for (let i = 0; i < runs; i += 1) pairs.push([await once(ours), await once(peer)]);
  return {
    ours: median(pairs.map(([a]) => a)),
    peer: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
};
