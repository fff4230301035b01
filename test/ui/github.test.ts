import { expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { annotation, githubView, problemAnnotation, runSummary } from '../../src/ui/github.ts';
import { changed, failed, refused, undone } from './events.ts';

const said = (events: readonly Event[]): string[] => {
  const lines: string[] = [];
  const view = githubView((line) => lines.push(line));
  for (const event of events) view(event);
  return lines;
};

it('writes workflow commands that no text can leave', () => {
  expect(annotation('error', 'a\nb 100%\r::warning::x', { title: 'n:1,2', line: 3, file: undefined })).toBe(
    '::error title=n%3A1%2C2,line=3::a%0Ab 100%25%0D::warning::x',
  );
});

it('marks the line of the cluster file, from the top of the checkout', () => {
  const problem = {
    file: '/srv/repo/prod/cluster.yaml',
    line: 7,
    column: 3,
    path: 'nodes[0].nam',
    message: 'there is no key "nam" here',
    allowed: null,
    suggestion: 'did you mean name?',
  };
  expect(problemAnnotation(problem, '/srv/repo')).toBe(
    '::error file=prod/cluster.yaml,line=7,col=3,title=cluster file::nodes[0].nam: there is no key "nam" here%0Ahint: did you mean name?',
  );
  expect(problemAnnotation({ ...problem, file: '-' }, '/srv/repo')).toMatch(/^::error title=cluster file::/);
});

it('annotates errors once, and what was left', () => {
  expect(said(changed)).toEqual([]);
  expect(said(failed)).toHaveLength(1);
  expect(said(failed)[0]).toMatch(/^::error title=node-2::update \/etc\/hosts failed%0ANo space left/);
  expect(said(undone)).toEqual(['::warning title=node-2::left: update /etc/hosts%0Athe volume holds files']);
});

it('sums a run up for the page of the job', () => {
  expect(runSummary(changed)).toContain('| node-1 | update /etc/hosts | done | 12 ms |');
  expect(runSummary(refused)).toContain('add --yes');
  const nasty: Event[] = [{ type: 'error', exit: 5, reports: [{ what: 'a ``` b\n| c' }] }];
  expect(runSummary(nasty)).toContain('````\na ``` b\n| c\n````');
});
