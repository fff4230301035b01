import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CommandLine, generated } from './generated.ts';

/** `npm run docs`. The command line is the built one: it finds its package.json beside dist/. */
const line: CommandLine = await import(pathToFileURL(resolve('dist/cli.cjs')).href);
for (const { path, text } of generated(line)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
