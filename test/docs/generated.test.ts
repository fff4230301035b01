import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as line from '../../src/cli.ts';
import { generated } from './generated.ts';

it.each(generated(line))('$path is what the code says (npm run docs writes it)', ({ path, text }) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

it('gives every verb a description and an example', () => {
  for (const [command, examples] of line.examplesOf) {
    expect(command.description(), command.name()).not.toBe('');
    expect(examples.length, command.name()).toBeGreaterThan(0);
  }
});
