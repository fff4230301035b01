import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, type LabOptions, openLab } from '../lab/index.ts';
import { type CliOptions, type CliResult, glusterctl } from './process.ts';

/** A lab, and an operator's desk beside it: cluster file, state folder, command line. */
export interface Scene {
  lab: Lab;
  dir: string;
  config: string;
  state: string;
  /** Writes the cluster file. */
  write(text: string): void;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** The lines of a run's journal; the newest run's when none is named. */
  journal(run?: string): Record<string, unknown>[];
  close(): Promise<void>;
}

export const openScene = async (options: LabOptions): Promise<Scene> => {
  const lab = await openLab({ say: () => {}, geoReplication: false, ...options });
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-scene-'));
  const config = join(dir, 'cluster.yaml');
  const state = join(dir, 'state');
  return {
    lab,
    dir,
    config,
    state,
    write: (text) => writeFileSync(config, text),
    run: (args, o = {}) => glusterctl(args, { ...o, env: { GLUSTERCTL_CONFIG: config, GLUSTERCTL_STATE_DIR: state, ...o.env } }),
    journal: (run) => {
      const name = run ?? readdirSync(join(state, 'runs')).sort().at(-1) ?? '';
      return readFileSync(join(state, 'runs', name, 'journal.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
    close: async () => {
      await lab.down();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
