import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { cacheDirOf } from '../config/folders.ts';
import { compiled } from './compiled.ts';

/*
 * dist/cli.cjs: starts what `npm run build` has made of src/cli.ts. Node 20 compiles all code anew at every start, a third of the
 * processor time of a converged plan (docs/decisions.md, 20); here it is kept, as Node 22 does by module.enableCompileCache().
 */

const folder = join(dirname(fileURLToPath(import.meta.url)), 'app');
const chunks = readdirSync(folder).filter((name) => name.endsWith('.cjs'));
const { env } = process;
const verb = process.argv.slice(2).find((word) => /^[a-z]/.test(word)) ?? '';
// Names of chunks carry a hash of their text, and V8 looks after its own release and flags.
const cache = compiled(join(cacheDirOf(env), `compiled-${process.version}-${process.arch}`), verb);

const scripts = new Map<string, Script>();
const modules = new Map<string, { exports: unknown }>();

type Run = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  file: string,
  folder: string,
  imports: (id: string) => Promise<unknown>,
) => void;

const load = (name: string): unknown => {
  const before = modules.get(name);
  if (before) return before.exports;
  const file = join(folder, name);
  const outside = createRequire(file);
  const script = new Script(`(function (exports, require, module, __filename, __dirname, __import) { ${readFileSync(file, 'utf8')}\n})`, {
    filename: file,
    cachedData: env.NODE_DISABLE_COMPILE_CACHE ? undefined : cache.of(name),
  });
  const module = { exports: {} };
  scripts.set(name, script);
  modules.set(name, module);
  const require = (id: string): unknown => (id.startsWith('./') ? load(id.slice(2)) : outside(id));
  (script.runInThisContext() as Run)(module.exports, require, module, file, folder, (id) => import(id));
  return module.exports;
};

const entry = chunks.find((name) => name.startsWith('cli-')) ?? '';
export const { main, program, examplesOf } = load(entry) as typeof import('../cli.ts');

// A pipeline's next machine has nothing of it.
if (!env.CI && !env.NODE_DISABLE_COMPILE_CACHE) process.on('exit', () => cache.keep(scripts, chunks));
