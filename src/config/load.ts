import { homedir } from 'node:os';
import type { Cluster } from '../model/cluster.ts';
import { checkContainer } from './checks/container.ts';
import { checkDisks } from './checks/disks.ts';
import { checkGluster, checkGrml } from './checks/gluster.ts';
import { checkHeketi } from './checks/heketi.ts';
import { checkKubernetes, checkMounts } from './checks/mounts.ts';
import { checkNodes } from './checks/nodes.ts';
import { checkVolumes } from './checks/volumes.ts';
import { complete } from './complete.ts';
import { readYaml, type YamlFile } from './document.ts';
import { type Draft, draftOf, type Fail } from './draft.ts';
import { type Fault, faultsOf } from './issues.ts';
import { ClusterFileError, type ConfigProblem, pathText } from './problem.ts';
import { ClusterFile } from './schema.ts';

export interface LoadInput {
  text: string;
  /** Absolute path of the file, or '-' for stdin. */
  file: string;
  /** The folder that relative paths in the file start from. */
  baseDir: string;
  /** What `~` stands for; the user's home folder when left out. */
  home?: string | undefined;
}

const checkAll = (draft: Draft): Fault[] => {
  const faults: Fault[] = [];
  const fail: Fail = (path, message, { at = 'value', found = null, allowed = null, suggestion = null } = {}) => {
    faults.push({ path, at, message, found, allowed, suggestion });
  };
  checkGluster(draft, fail);
  checkContainer(draft, fail);
  checkNodes(draft, fail);
  checkDisks(draft, fail);
  checkVolumes(draft, fail);
  checkMounts(draft, fail);
  checkGrml(draft, fail);
  checkHeketi(draft, fail);
  checkKubernetes(draft, fail);
  return faults;
};

/** Words that were volume types once, or are the type by another name. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  stripe: 'stripe was removed in GlusterFS 6; for large files take disperse, or replicate with options: { features.shard: "on" }',
  tier: 'tiering was removed in GlusterFS 6; put the volume on the faster disks, or use a cache below the bricks such as dm-cache',
  'distributed-replicate': 'write replicate: with more bricks than one set the volume is distributed over the sets',
  'distributed-disperse': 'write disperse: with more bricks than one set the volume is distributed over the sets',
  'distributed-arbiter': 'write arbiter: with more bricks than one set the volume is distributed over the sets',
};

const withOtherTypes = (fault: Fault): Fault => {
  const word = fault.path[0] === 'volumes' && fault.path[2] === 'type' ? /^"(.*)"$/.exec(fault.found ?? '')?.[1]?.toLowerCase() : undefined;
  const hint = word === undefined ? undefined : (OTHER_TYPES[word] ?? (word.startsWith('stripe') ? OTHER_TYPES.stripe : undefined));
  return hint === undefined ? fault : { ...fault, suggestion: hint };
};

const located = (faults: readonly Fault[], yaml: YamlFile, file: string): ConfigProblem[] => {
  const all: ConfigProblem[] = [
    ...yaml.problems.map(({ place, message, suggestion }) => ({
      file,
      ...place,
      path: '',
      message,
      found: null,
      allowed: null,
      suggestion,
    })),
    ...faults.map(({ path, at, ...rest }) => ({ file, ...yaml.place(path, at), path: pathText(path), ...rest })),
  ];
  return all.sort((a, b) => a.line - b.line || a.column - b.column);
};

const emptySection = (data: unknown, key: string): boolean => {
  const section = (data as Record<string, unknown>)[key];
  return section !== null && typeof section === 'object' && Object.keys(section).length === 0;
};

/** Parses, checks and completes a cluster file. Throws ClusterFileError (exit 3) with all that is wrong in it. */
export const loadCluster = ({ text, file, baseDir, home = homedir() }: LoadInput): Cluster => {
  const yaml = readYaml(text);
  if (yaml.broken) throw new ClusterFileError(file, located([], yaml, file));
  const { input, draft, issues } = draftOf(yaml.data);
  const problems = located([...faultsOf(issues, yaml, ClusterFile).map(withOtherTypes), ...checkAll(draft)], yaml, file);
  if (problems.length > 0 || input === null) throw new ClusterFileError(file, problems);
  return complete(input, { file, baseDir, home }, emptySection(yaml.data, 'kubernetes'));
};
