import { describe, expect, test } from 'vitest';
import { ClusterFileError, formatProblems } from '../../src/config/problem.ts';
import { EXIT } from '../../src/errors.ts';
import { fixture, fixtureNames, load, problemsOf } from './fixtures.ts';

describe('wrong cluster files', () => {
  test.each(fixtureNames('wrong'))('%s', (name) => {
    const problems = problemsOf(fixture('wrong', name));
    expect(problems).not.toEqual([]);
    expect(formatProblems(problems)).toMatchSnapshot();
  });

  test.each(fixtureNames('wrong'))('%s: every position is inside the file, and the line is the one it says', (name) => {
    const lines = fixture('wrong', name)
      .replace(/^\ufeff/, '')
      .split(/\r?\n/);
    for (const { line, column, source, width } of problemsOf(fixture('wrong', name))) {
      expect(source.replaceAll('*', '')).toBe((lines[line - 1] ?? 'no such line').replaceAll('secret', '').replaceAll('*', ''));
      expect(column).toBeGreaterThanOrEqual(1);
      expect(width).toBeGreaterThanOrEqual(1);
      if (source !== '') expect(column - 1 + width).toBeLessThanOrEqual(source.length);
    }
  });

  test('all problems come at once, in the order of the file, with exit code 3', () => {
    const load10 = () => load(fixture('wrong', '10-unknown-keys.yaml'));
    expect(load10).toThrow(ClusterFileError);
    const problems = problemsOf(fixture('wrong', '10-unknown-keys.yaml'));
    expect(problems.map(({ line }) => line)).toEqual([1, 3, 6, 7, 8, 9]);
    expect(new ClusterFileError('cluster.yaml', problems)).toMatchObject({
      exit: EXIT.config,
      report: { what: 'cluster.yaml has 6 errors' },
    });
  });

  test('a password in a URL is not shown', () => {
    const problems = problemsOf(fixture('wrong', '28-mirror-formats.yaml'));
    expect(JSON.stringify(problems) + formatProblems(problems)).not.toContain('secret');
  });

  test('the text of a file cannot steer the terminal', () => {
    const text = '# \u001b]0;owned\u0007\napiVersion: "\u009b31m \u202e"\n';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(formatProblems(problemsOf(text))).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});
