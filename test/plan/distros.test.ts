import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownKey } from '../../src/config/known-keys.ts';
import { loadPlaybook } from '../../src/config/playbook.ts';
import { readRecording, recordedAnswers } from '../../src/facts/record.ts';
import type { Gluster, SigningKey } from '../../src/model/cluster.ts';
import { jobsOf, questionsOf } from '../../src/plan/jobs.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { stepById } from '../../src/steps/index.ts';
import { cluster, node } from '../helpers/cluster.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const recording = (name: string) => readRecording(readFileSync(new URL(`${name}/recording.json`, fixtures), 'utf8'));

/** The steps that differ by distribution; the others see the same on all. */
const STAGES = ['names', 'versions', 'repository', 'packages', 'modules', 'service'];
const playbook = loadPlaybook('apply', stepById);
const book = { ...playbook, stages: playbook.stages.filter(({ id }) => STAGES.includes(id)) };

const planFor = (name: string, gluster: Partial<Gluster>) => {
  const base = cluster({ nodes: [node('node-1', { roles: ['server', 'client'], storage: '10.0.0.11' })] });
  const wish: Gluster = { ...base.gluster, modules: ['dm_thin_pool', 'dm_snapshot', 'dm_mirror'], ...gluster };
  const key = (format: 'deb' | 'rpm'): SigningKey | null => {
    const fingerprint = knownKey(wish, format)?.fingerprint ?? null;
    return fingerprint === null ? null : { text: `the key ${fingerprint}\n`, fingerprint };
  };
  const all = { ...base, gluster: wish, signingKeys: { deb: key('deb'), rpm: key('rpm') } };
  const { jobs, notes } = jobsOf(book, all, stepById, new Set(['node-1']));
  const answers = recordedAnswers(recording(name));
  // A bare node says nothing to what is not in its recording: files that are not there, programs that are missing.
  const said = (questionsOf(jobs).get('node-1') ?? []).map(({ id }) => [id, answers.get(id) ?? { stdout: '', code: 1 }] as const);
  return makePlan(all.name, jobs, new Map([['node-1', new Map(said)]]), notes, () => '');
};

const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ').trimEnd();

/** A plan as a reviewer reads it: every change with its files and its scripts, or every reason against it. */
const shown = (name: string, gluster: Partial<Gluster>, scripts: boolean): string => {
  const { plan, reasons } = planFor(name, gluster);
  const changes = plan.changes.map(({ step, id, title, risk, diff, do: deed, undo }) =>
    [
      `${step}/${id} (${risk}): ${title}`,
      ...(diff ? [indent(diff.after)] : []),
      ...(scripts && !diff ? ['  do', indent(deed.shown), '  undo', indent(String(undo))] : []),
    ].join('\n'),
  );
  const against = reasons.map(({ what, why, next }) =>
    [`REFUSED: ${what}`, ...(why ? [indent(why)] : []), ...(next ? [`    next: ${next}`] : [])].join('\n'),
  );
  return [
    `=== source: ${gluster.source}, version: "${gluster.version}"`,
    ...plan.notes.map((note) => `note: ${note}`),
    ...changes,
    ...against,
    '',
  ].join('\n');
};

const own = { source: 'distro' } as const;
const PLANS: Readonly<Record<string, readonly Partial<Gluster>[]>> = {
  'debian-11': [
    { source: 'upstream', version: '10.5' },
    { ...own, version: '9' },
    { ...own, version: '10.3' },
  ],
  'debian-12': [
    { source: 'upstream', version: '10.5' },
    { ...own, version: '10' },
    { source: 'centos-sig', version: '10' },
  ],
  'debian-13': [
    { source: 'upstream', version: '11.1' },
    { ...own, version: '11' },
  ],
  'ubuntu-20.04': [
    { source: 'ppa', version: '10' },
    { ...own, version: '7' },
    { source: 'upstream', version: '10.5' },
  ],
  'ubuntu-22.04': [
    { source: 'ppa', version: '10' },
    { source: 'ppa', version: '10.3' },
    { ...own, version: '10' },
  ],
  'ubuntu-24.04': [
    { source: 'ppa', version: '11' },
    { ...own, version: '11' },
  ],
  'raspios-12-armhf': [
    { ...own, version: '10' },
    { source: 'upstream', version: '10.5' },
  ],
  'raspios-12-arm64': [
    { ...own, version: '10' },
    { source: 'upstream', version: '10.5' },
  ],
  'centos-7': [
    { source: 'centos-sig', version: '9' },
    { source: 'centos-sig', version: '10' },
  ],
  'rocky-8': [{ source: 'centos-sig', version: '9.6' }],
  'almalinux-8': [{ source: 'centos-sig', version: '9.6' }],
  'rhel-8': [
    { source: 'centos-sig', version: '9.6' },
    { ...own, version: '10' },
  ],
  'centos-stream-8': [{ source: 'centos-sig', version: '9.6' }],
  'rocky-9': [
    { source: 'centos-sig', version: '10' },
    { source: 'upstream', version: '10' },
  ],
  'almalinux-9': [{ source: 'centos-sig', version: '10' }],
  'rhel-9': [
    { source: 'centos-sig', version: '10' },
    { ...own, version: '10' },
  ],
  'centos-stream-9': [
    { source: 'centos-sig', version: '10' },
    { source: 'ppa', version: '10' },
  ],
};

describe('the plan for a bare server and client', () => {
  it('is there for every recorded distribution', () => {
    const recorded = readdirSync(fixtures).filter((name) => existsSync(new URL(`${name}/recording.json`, fixtures)));
    expect(Object.keys(PLANS).sort()).toEqual(recorded.sort());
    for (const name of recorded) expect(recording(name).origin).not.toBe('');
  });

  it.each(Object.entries(PLANS))('on %s is the reviewed one', async (name, wishes) => {
    const text = wishes.map((gluster) => shown(name, gluster, false)).join('\n');
    await expect(text).toMatchFileSnapshot(`__snapshots__/distros/${name}.txt`);
  });

  it.each(['debian-12', 'rocky-9', 'centos-7'])('on %s has the reviewed scripts', async (name) => {
    const [first = {}] = PLANS[name] ?? [];
    await expect(shown(name, first, true)).toMatchFileSnapshot(`__snapshots__/distros/${name}.scripts.txt`);
  });
});
