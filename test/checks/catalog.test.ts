import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/checks/catalog.ts';

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

const used = new Set(
  [...sources('src/steps'), ...sources('src/transport')].flatMap((text) =>
    [...text.matchAll(/check: '([^']*)'/g)].map(([, id = '']) => id),
  ),
);
used.add('login').add('host-key');

describe('the catalogue', () => {
  it('knows at least 35 faults, each by a name of its own, with cause and remedy', () => {
    expect(checks.length).toBeGreaterThanOrEqual(35);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const { id, title, cause, remedy } of checks) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [title, cause, remedy]) expect(text, id).toMatch(/^\S.{8,}[^.\s]$/s);
    }
  });

  it('has every name that a step or the login gives, and no check that waits for a name which nobody gives', () => {
    const names = new Set(checks.map(({ id }) => id));
    expect([...used].filter((id) => !names.has(id))).toEqual([]);
    const waiting = sources('src/checks').flatMap((text) => [...text.matchAll(/refused\(\{\s*id: '([^']*)'/g)].map(([, id = '']) => id));
    expect(waiting.length).toBeGreaterThan(20);
    expect(waiting.filter((id) => !used.has(id))).toEqual([]);
  });
});
