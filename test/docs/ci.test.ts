import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { accepts } from '../helpers/command-line.ts';

/** Every line of a script in the document, wherever it stands. */
const scripts = (value: unknown): string[] => {
  if (typeof value === 'string') return value.split('\n');
  if (Array.isArray(value)) return value.flatMap(scripts);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(scripts) : [];
};

const calls = (text: string): string[] => scripts(parse(text)).filter((line) => /^\s*glusterctl /.test(line));

describe.each(['docs/ci-github.yml', 'docs/ci-gitlab.yml'])('%s', (path) => {
  const text = readFileSync(path, 'utf8');
  it('calls glusterctl as it is', async () => {
    const found = calls(text);
    expect(found.length).toBeGreaterThan(3);
    for (const line of found) expect(await accepts(line), line).toBe(null);
  });

  it('holds no secret, and hands none over on a command line', () => {
    expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|PASSWORD=/);
  });
});

it('is a GitHub workflow with a job for pull requests and one for main', () => {
  const flow = parse(readFileSync('docs/ci-github.yml', 'utf8'));
  expect(Object.keys(flow.jobs)).toEqual(['plan', 'apply']);
  for (const job of Object.values(flow.jobs) as { 'runs-on': string; steps: object[] }[]) {
    expect(job['runs-on']).toBeTruthy();
    for (const step of job.steps) expect(Object.keys(step).filter((key) => key === 'run' || key === 'uses')).toHaveLength(1);
  }
});

it('is a GitLab pipeline that reads the report', () => {
  const flow = parse(readFileSync('docs/ci-gitlab.yml', 'utf8'));
  expect(flow.apply.artifacts.reports.junit).toBe('report.xml');
  for (const job of ['validate', 'plan', 'apply']) expect(flow.stages).toContain(flow[job].stage);
});
