import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Disk, killMachine, type Machine, runningPid } from './machine.ts';
import { LABS } from './paths.ts';

export interface NodeState {
  machine: Machine;
  /** The disks at the time of each snapshot; it can be loaded only into a machine that has the same. */
  snapshots: Record<string, Disk[]>;
}

export interface State {
  name: string;
  /** The image's file; keeps it from being pruned. */
  base: string;
  nodes: NodeState[];
}

export const labDir = (name: string): string => join(LABS, name);
const stateFile = (name: string): string => join(labDir(name), 'state.json');
export const knownHostsFile = (name: string): string => join(labDir(name), 'known_hosts');

export const save = (state: State): void => {
  const file = stateFile(state.name);
  writeFileSync(`${file}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

export const load = (name: string): State => {
  if (!existsSync(stateFile(name))) throw new Error(`there is no VM lab named ${name}; labs: ${labNames().join(', ') || 'none'}`);
  return JSON.parse(readFileSync(stateFile(name), 'utf8')) as State;
};

export const labNames = (): string[] => (existsSync(LABS) ? readdirSync(LABS) : []);

/** Machines of all labs of this checkout that run now. */
export const runningMachines = (): number =>
  labNames()
    .flatMap((lab) => readdirSync(labDir(lab), { withFileTypes: true }).map((entry) => join(labDir(lab), entry.name)))
    .filter((dir) => runningPid(dir) !== null).length;

/** Also for what is left over from a run that crashed: the processes are found by the pids that they recorded. */
export const downVms = async (name: string): Promise<void> => {
  const dir = labDir(name);
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) await killMachine(join(dir, entry.name));
  rmSync(dir, { recursive: true, force: true });
};
