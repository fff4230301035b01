import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadCluster } from '../../src/config/load.ts';
import { loadPlaybook } from '../../src/config/playbook.ts';
import { ClusterFileError } from '../../src/config/problem.ts';
import { readRecording, recordedAnswers } from '../../src/facts/record.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Fact, FactOutput } from '../../src/model/fact.ts';
import type { PlannedChange } from '../../src/model/plan.ts';
import { type Job, jobsOf, questionsOf } from '../../src/plan/jobs.ts';
import { type AllAnswers, makePlan } from '../../src/plan/plan.ts';
import { stepById } from '../../src/steps/index.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { hostileValues, type Place, placeName, replaced, stringsOf, valueAt } from './values.ts';

const base = { ...parse(readFileSync('test/fixtures/config/good/full.yaml', 'utf8')), hosts: 'manage', time: 'manage', firewall: 'manage' };
const load = (document: unknown): Cluster => loadCluster({ text: stringify(document), file: '/c/cluster.yaml', baseDir: '/c', home: '/h' });

const attempts: { place: Place; form: string; cluster: Cluster | null }[] = stringsOf(base).flatMap((place) =>
  hostileValues.flatMap(({ form, text }) =>
    [text, `${valueAt(base, place)}${text}`].map((value) => {
      try {
        return { place, form, cluster: load(replaced(base, place, value)) };
      } catch (error) {
        if (!(error instanceof ClusterFileError)) throw error;
        return { place, form, cluster: null };
      }
    }),
  ),
);
const accepted = attempts.flatMap((a) => (a.cluster ? [{ ...a, cluster: a.cluster }] : []));

const recordings = ['debian-12', 'almalinux-9'].map((name) =>
  recordedAnswers(readRecording(readFileSync(`test/fixtures/${name}/recording.json`, 'utf8'))),
);
/** What a bare node says to a question that is not in its recording; some answers are told apart by exit code. */
const bare = (fact: Fact<unknown>): FactOutput => {
  const said = [1, 2, 3, 41, 0].map((code) => ({ stdout: '', code }));
  return (
    said.find((out) => {
      try {
        fact.parse(out);
        return true;
      } catch {
        return false;
      }
    }) ?? { stdout: '', code: 1 }
  );
};
const playbook = loadPlaybook('apply', stepById);

/** Every script that this file would send to bare nodes: all questions, and of all changes the deed, its undo and its proof. */
const scriptsOf = (file: Cluster): string[] => {
  const key = { text: 'a key\n', fingerprint: 'F9C958A3AEE0D2184FAD1CBD43607F0DC2F8238C' };
  const cluster = { ...file, signingKeys: { deb: key, rpm: key } };
  const names = cluster.nodes.map(({ name }) => name);
  const { jobs } = jobsOf(playbook, cluster, stepById, new Set(names));
  const questions = questionsOf(jobs);
  const asked = [...questions.values()].flat().map((fact) => fact.read.text);
  const changes = recordings.flatMap((recording) => {
    const answers = [...questions].map(
      ([node, facts]) => [node, new Map(facts.map((fact) => [fact.id, recording.get(fact.id) ?? bare(fact)]))] as const,
    );
    return jobs.flatMap((job) => planOf(cluster.name, job, new Map(answers)));
  });
  const done = changes.flatMap(({ do: deed, undo, verify }) => [deed.text, undo === 'nothing' ? '' : undo.text, verify.text]);
  return [...new Set([...asked, ...done])];
};

const planned = new Set<string>();
/** A question that nothing in the recordings answers leaves its own step without a plan. */
const planOf = (name: string, job: Job, answers: AllAnswers): readonly PlannedChange[] => {
  try {
    const { changes } = makePlan(name, [job], answers, [], () => '').plan;
    for (const { step } of changes) planned.add(step);
    return changes;
  } catch {
    return [];
  }
};

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = openSandbox();
});
afterAll(() => sandbox.close());

describe('the sandbox', () => {
  it.each(hostileValues)('would notice $form', ({ text }) => {
    const naive = [
      `echo ${text}`,
      `echo '${text}'`,
      `echo "${text}"`,
      `(echo ${text})`,
      `cat <<EOF\n${text}\nEOF`,
      `echo x\n${text}`,
      `echo ${text.replaceAll('\r', '\n')}`,
    ];
    expect(naive.some((script) => sandbox.run(script).includes('canary'))).toBe(true);
  });
});

describe('a hostile value in cluster.yaml', () => {
  it('was tried in every string field there is', () => {
    expect(stringsOf(base).length).toBeGreaterThan(60);
    expect(attempts.length).toBe(stringsOf(base).length * hostileValues.length * 2);
  });

  it('is refused by validate but for fields that are free text, or a path of the operator', () => {
    expect([...new Set(accepted.map(({ place }) => placeName(place)))].sort()).toMatchInlineSnapshot(`
      [
        "gluster.key.deb",
        "gluster.key.rpm",
        "gluster.mirror.deb",
        "gluster.mirror.rpm",
        "grml.iso",
        "grml.key",
        "grml.signature",
        "heketi.archive",
        "nodes[].disks[].match.model",
        "nodes[].disks[].serial",
        "nodes[].ssh.identityFile",
        "nodes[].ssh.knownHosts",
        "nodes[].ssh.knownHosts[]",
        "ssh.identityFile",
        "ssh.knownHosts[]",
        "volumes[].options.auth.allow",
        "volumes[].options.network.ping-timeout",
      ]
    `);
  });

  it('reaches no shell of a node, in any script of a plan', () => {
    let met = 0;
    for (const { place, form, cluster } of accepted)
      for (const script of scriptsOf(cluster).filter((text) => text.includes('canary'))) {
        met += 1;
        expect(sandbox.run(script), `${placeName(place)}, ${form}:\n${script}`).not.toContain('canary');
      }
    expect(met).toBeGreaterThan(10);
    expect([...planned]).toEqual(expect.arrayContaining(['hosts', 'apt-repository', 'dnf-repository', 'peers', 'volume']));
  });
});
