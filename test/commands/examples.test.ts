import { expect, it } from 'vitest';
import { examplesOf } from '../../src/cli.ts';
import { accepts } from '../helpers/command-line.ts';

const all = [...examplesOf.values()].flat();

it('has examples that the command line takes, each of them', async () => {
  expect(all.length).toBeGreaterThan(15);
  for (const line of all) expect(await accepts(line), line).toBe(null);
});

it.each([
  ['glusterctl aply', "error: unknown command 'aply'\n(Did you mean apply?)"],
  ['glusterctl plan --comands', "error: unknown option '--comands'\n(Did you mean --commands?)"],
  [
    'glusterctl init --source pip',
    "error: option '--source <source>' argument 'pip' is invalid. Allowed choices are upstream, distro, ppa, centos-sig, mirror.",
  ],
  ['glusterctl plan --concurrency 0', "error: option '--concurrency <n>' argument '0' is invalid. a whole number from 1 to 512 is wanted."],
  ['glusterctl runs show', "error: missing required argument 'run'"],
])('%s is refused with a hint', async (line, said) => {
  expect(await accepts(line)).toBe(said);
});
