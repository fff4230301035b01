import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batched } from '../../src/facts/batch.ts';
import { fileState } from '../../src/facts/file.ts';
import { factAnswers, factScript, TIMED_OUT } from '../../src/facts/script.ts';
import { services } from '../../src/facts/services.ts';
import type { Fact, FactOutput } from '../../src/model/fact.ts';
import { sh } from '../../src/sh.ts';

const NONCE = 'b0b0feedb0b0feedb0b0feedb0b0feed';
type Question = Fact<unknown>;

const asked = (shell: string, facts: readonly Question[]): Map<string, FactOutput> => {
  const { stdout } = spawnSync(shell, ['-s'], { input: factScript(facts, NONCE), encoding: 'utf8' });
  return factAnswers(facts, stdout, NONCE);
};

let dir: string;
let files: Question[];
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-batch-'));
  const put = (name: string, body: string | Buffer, mode = 0o644) => {
    writeFileSync(join(dir, name), body);
    chmodSync(join(dir, name), mode);
  };
  put('plain', 'one\ntwo\n');
  put('empty', '');
  put('secret', '= not a mark\nparent /etc/hosts\n', 0o600);
  put('binary', Buffer.from([0, 1, 255, 10, 200]));
  put(`a 'name' "with" $all;of it`, 'text');
  put('back\\new', 'text');
  mkdirSync(join(dir, 'folder'));
  symlinkSync('plain', join(dir, 'link'));
  symlinkSync('nowhere', join(dir, 'dangling'));
  const names = ['plain', 'empty', 'secret', 'binary', `a 'name' "with" $all;of it`, 'back\\new', 'folder', 'link', 'dangling', 'none'];
  files = [...names, 'none/below', 'plain/below'].map((name) => fileState(join(dir, name)));
  files.push(fileState('/nowhere-at-all'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe.each(['dash', 'bash'])('questions that are put together under %s', (shell) => {
  it('have the answers that each has by itself: files, units, and what cannot be put together', () => {
    const units = [services(['glusterd.service', 'no-such.service']), services(['ssh.service'])];
    const facts: Question[] = [...files, ...units, { id: 'alone', read: sh`echo alone; exit 3`, parse: ({ stdout }) => stdout }];
    const { questions, spread } = batched(facts);
    expect(questions).toHaveLength(3);
    const together = spread(asked(shell, questions));
    const apart = asked(shell, facts);
    for (const fact of facts) {
      const [ours, theirs] = [together, apart].map((answers) => fact.parse(answers.get(fact.id) as FactOutput));
      expect([fact.id, ours]).toEqual([fact.id, theirs]);
    }
    expect(fileState(join(dir, 'secret')).parse(together.get(`file:${join(dir, 'secret')}`) as FactOutput)).toMatchObject({
      text: '= not a mark\nparent /etc/hosts\n',
      mode: '600',
      parent: true,
    });
  });
});

describe('an answer for many', () => {
  it('that did not come in time is missing to each', () => {
    const { questions, spread } = batched(files);
    const late = spread(new Map(questions.map(({ id }) => [id, { stdout: '', code: TIMED_OUT }])));
    expect([...late.values()].map(({ code }) => code)).toEqual(files.map(() => TIMED_OUT));
  });

  it('that did not come at all is there for none', () => {
    expect(batched(files).spread(new Map()).size).toBe(0);
  });
});
