import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What users of Gluster provisioning tools ran into, by the number that the name of a test carries, and where they said so. */
const VOICES: Readonly<Record<number, string>> = {
  1: 'a second run changes nothing (gluster-ansible-infra#51, #132)',
  2: 'success is judged by the state, not by exit codes (gluster-ansible-infra#137)',
  3: 'a multipath member is not a free disk (gluster-ansible-infra#63)',
  4: 'Debian is an equal (gluster-ansible#83, #81)',
  5: 'every documented example is run (gluster-ansible-cluster#36)',
  6: 'a repository is asked before it is written down (glusterfs#683, #2741, #4144; glusterdocs#501, #697, #705)',
  7: 'the version is pinned and held (ansible-role-glusterfs#24)',
  8: 'a missing dm_thin_pool is said before anything is done (gluster-kubernetes#19, #249, #434, #440)',
  9: 'a disk is known by what stays, in a name without colons (heketi#1371, #1246, #1742)',
  10: 'a dirty disk has a reason, and consent is by its serial (heketi#291, #595, #705; gluster-kubernetes#472, #279)',
  11: 'stderr is kept, no cause is guessed (heketi#1883)',
  12: 'export, load, export is the same (heketi#1066, #777)',
  13: 'the live nodes are the truth, the journal is history (heketi#632, #1605, #1851)',
  14: 'a node, dead or alive, is replaced by one of the same or another name (heketi#1204, #922, #1596, #1881; glusterfs#1634)',
  15: 'a failed run is finished by running again (gluster-kubernetes#616)',
  16: 'a rollback lists what it undid and what it left (gluster-kubernetes#429, #35)',
  17: 'ports between nodes are tried before any probe (gluster-kubernetes#609)',
  18: 'the layout is judged offline (gdeploy#147, glusterfs#4158)',
  19: 'cloned UUIDs are found (glusterd2#1158, #1146; glusterfs#4189)',
  20: 'a brick is bound to its mount (heketi#699, glusterfs#546, #4349)',
  21: 'a server whose bricks stop waits until all copies are whole (glusterfs#895, #3066, #3829)',
  22: 'nodes and bricks are added, moved and lost, each with plan and undo (kadalu#536, #702, #723, #1069)',
  23: 'a plan installs nothing and is what is run; locks die with their connection (k0sctl#304, #586, #381, #572; ansible#31113, #84676)',
  24: 'drift after the plan stops the run; rolled back is not success (terraform#8790, #27721; ceph#47562; deploy-rs#214)',
  25: 'no in-tree driver is offered where Kubernetes has none any more (kubernetes#100897, #111485; rke2#4770)',
};

const testFiles = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.test\.ts$/.test(entry.name) && entry.name !== 'voices.test.ts')
    .map((entry) => join(entry.parentPath, entry.name));

/** Numbers in the names of tests: `voice 7: ...`, `... (voice 7)`, `(voices 16 and 24)`. */
const heard = new Set(
  testFiles('test').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !line.trimStart().startsWith('//'))
      .flatMap((line) => [...line.matchAll(/\bvoices? (\d+(?:(?:, | and )\d+)*)/gi)])
      .flatMap(([, numbers = '']) => numbers.split(/, | and /).map(Number)),
  ),
);

describe('what users have said', () => {
  it.each(Object.entries(VOICES))('%i has a test: %s', (number) => {
    expect([...heard]).toContain(Number(number));
  });
});
