import { spawnSync } from 'node:child_process';
import { factAnswers, factScript } from '../../src/facts/script.ts';
import type { Answers, FactSet } from '../../src/model/fact.ts';

const NONCE = 'f00dfacef00dfacef00dfacef00dface';

/** Asks this machine, the way the product asks a node. `path` is all the PATH there is, to leave programs out or put others in. */
export const askHere = <F extends FactSet>(facts: F, options: { shell?: string; path?: string } = {}): Answers<F> => {
  const list = Object.values(facts);
  const script = factScript(list, NONCE);
  const input = options.path === undefined ? script : script.replace(/^PATH=.*$/m, `PATH=${options.path}`);
  const { stdout } = spawnSync(options.shell ?? 'dash', ['-s'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const answers = factAnswers(list, stdout, NONCE);
  const parsed = Object.entries(facts).map(([key, fact]) => {
    const out = answers.get(fact.id);
    if (out === undefined) throw new Error(`no answer to ${fact.id}`);
    return [key, fact.parse(out)];
  });
  return Object.fromEntries(parsed) as Answers<F>;
};
