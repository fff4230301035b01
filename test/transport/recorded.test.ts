import { expect, test } from 'vitest';
import { factAnswers, factScript } from '../../src/facts/script.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Host } from '../../src/model/host.ts';
import { sh } from '../../src/sh.ts';
import { openHost, type Recorded, recordedHost } from '../../src/transport/index.ts';
import { node } from './sshd.ts';

const fact = (id: string, read: ReturnType<typeof sh>): Fact<unknown> => ({ id, read, parse: (out) => out });

test('answers to single questions serve every script of facts, as the real node answers', async () => {
  const facts = [
    fact('a', sh`printf ${"it's\n 1 'two' lane 3 x"}`),
    fact('b', sh`true`),
    fact(
      'c',
      sh`
      echo one
      exit 3`,
    ),
    fact('d', sh`echo ${'0 true'}`),
    fact('e', sh`printf 'no newline'`),
  ];
  const local = openHost(node({ address: 'local' }), {
    cluster: 'c',
    stateDir: '/nonexistent',
    env: {},
    home: '/',
    agentSocket: null,
    ask: null,
  });
  const answersOf = async (host: Host, asked: Fact<unknown>[], nonce: string) =>
    factAnswers(asked, (await host.run(factScript(asked, nonce))).stdout, nonce);
  const real = await answersOf(local, facts, '0123456789abcdef0123');
  await local.close();
  const recorded: Recorded[] = facts.map((f) => ({ script: f.read.text, ...(real.get(f.id) as { stdout: string; code: number }) }));
  const host = recordedHost('node-1', recorded);
  expect(await answersOf(host, facts, 'ffffffffffffffffffff')).toEqual(real);
  const some = [facts[3], facts[0]] as Fact<unknown>[];
  expect([...(await answersOf(host, some, 'ffffffffffffffffffff')).keys()].sort()).toEqual(['a', 'd']);
  await expect(answersOf(host, [fact('x', sh`uname -a`)], 'ffffffffffffffffffff')).rejects.toThrow('no answer was recorded for: uname -a');
});
