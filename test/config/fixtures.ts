import { readdirSync, readFileSync } from 'node:fs';
import { loadCluster } from '../../src/config/load.ts';
import { ClusterFileError, type ConfigProblem } from '../../src/config/problem.ts';
import type { Cluster } from '../../src/model/cluster.ts';

const folder = (kind: 'good' | 'wrong') => new URL(`../fixtures/config/${kind}/`, import.meta.url);

export const fixtureNames = (kind: 'good' | 'wrong'): string[] => readdirSync(folder(kind)).sort();
export const fixture = (kind: 'good' | 'wrong', name: string): string => readFileSync(new URL(name, folder(kind)), 'utf8');

export const load = (text: string): Cluster => loadCluster({ text, file: 'cluster.yaml', baseDir: '/srv/prod', home: '/home/ops' });

/** What is wrong with a text; [] when it loads. Any other error is a bug and goes through. */
export const problemsOf = (text: string): readonly ConfigProblem[] => {
  try {
    load(text);
    return [];
  } catch (error) {
    if (error instanceof ClusterFileError) return error.problems;
    throw error;
  }
};

export const HEAD = 'apiVersion: glusterctl/v1\nkind: Cluster\nname: prod\n';
export const GLUSTER = 'gluster: { version: "10.3" }\n';
/** node-1 to node-N, each with as many disk mounts as said. */
export const nodesText = (count: number, mounts = 0): string =>
  `nodes:\n${Array.from({ length: count }, (_, i) => {
    const disks = Array.from({ length: mounts }, (_, d) => `{ serial: S${i + 1}-${d + 1}, use: xfs, mount: /data/brick${d + 1} }`);
    return `  - { name: node-${i + 1}, address: 10.0.${Math.floor(i / 250)}.${(i % 250) + 1}, disks: [${disks.join(', ')}] }\n`;
  }).join('')}`;
