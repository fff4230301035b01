import { relative } from 'node:path';
import type { Report } from '../errors.ts';
import type { Event } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { resultLine } from './plain.ts';

type Level = 'error' | 'warning' | 'notice';

/** The escapes of actions/toolkit, packages/core/src/command.ts. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** A workflow command. The runner reads it on stderr as well as on stdout, which holds results only. */
export const annotation = (level: Level, message: string, properties: Record<string, string | number | undefined> = {}): string => {
  const list = Object.entries(properties).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${property(String(value))}`]));
  return `::${level}${list.length > 0 ? ` ${list.join(',')}` : ''}::${data(message)}`;
};

const text = ({ why, next, what }: Report): string => [what, why, next && `next: ${next}`].filter(Boolean).join('\n');

export const reportAnnotation = (report: Report): string => annotation('error', text(report), { title: report.node ?? 'glusterctl' });

interface Problem {
  file: string;
  line: number;
  column: number;
  path: string;
  message: string;
  allowed: string | null;
  suggestion: string | null;
}

/** At the line of the cluster file; GitHub wants paths from the top of the checkout. */
export const problemAnnotation = (problem: Problem, workspace: string): string => {
  const { file, line, column, path, message, allowed, suggestion } = problem;
  const said = [`${path}${path && ': '}${message}`, allowed && `allowed: ${allowed}`, suggestion && `hint: ${suggestion}`];
  return annotation('error', said.filter(Boolean).join('\n'), {
    ...(file === '-' ? {} : { file: relative(workspace, file), line, col: column }),
    title: 'cluster file',
  });
};

/** Errors, and what an undo left, as annotations; everything else is in the log already. */
export const githubView =
  (say: (line: string) => void): ((event: Event) => void) =>
  (e) => {
    if (e.type === 'error') for (const report of e.reports) say(reportAnnotation(report));
    else if (e.type === 'undo.failed') say(reportAnnotation(e.report));
    else if (e.type === 'undo.left') say(annotation('warning', `left: ${e.title}\n${e.why}`, { title: e.node }));
  };

/** Markdown gives meaning to these; a cell of a table is one line. */
const cell = (text: string): string => text.replaceAll(/([\\|`*_<>[\]])/g, '\\$1').replaceAll('\n', '<br>');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');

const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
};

/** What a run did, for the page of the job. */
export const runSummary = (events: readonly Event[]): string => {
  const of = events.find((e) => e.type === 'version');
  const end = events.find((e) => e.type === 'run.finished');
  const rows = events.flatMap((e) => {
    if (e.type === 'change.done') return [[e.node, e.title, 'done', `${e.ms} ms`]];
    if (e.type === 'change.failed') return [[e.node, e.title, 'failed', `${e.ms} ms`]];
    if (e.type === 'undo.done') return [[e.node, e.title, 'undone', `${e.ms} ms`]];
    if (e.type === 'undo.failed') return [[e.node, e.title, 'not undone', `${e.ms} ms`]];
    return e.type === 'undo.left' ? [[e.node, e.title, 'left', '']] : [];
  });
  const errors = events.flatMap((e) => (e.type === 'error' ? e.reports : []));
  return [
    `### glusterctl ${of?.verb ?? ''}: ${of?.cluster ?? ''}`,
    ...(end ? [cell(resultLine(end))] : []),
    ...errors.map((report) => `**${cell(report.node ?? 'error')}**\n\n${fenced(text(report))}`),
    ...(rows.length > 0 ? [table(['node', 'change', 'result', 'time'], rows)] : []),
    '',
  ].join('\n\n');
};

/** What would be done, for the page of the job. */
export const planSummary = (plan: Plan): string => {
  const { changes, destructive } = plan.summary;
  const rows = plan.changes.map((c) => [c.node, c.title, c.risk]);
  return [
    `### glusterctl plan: ${plan.cluster}`,
    changes === 0 ? 'Nothing to do.' : `${changes} changes, ${destructive} of them destructive.`,
    ...(rows.length > 0 ? [table(['node', 'change', 'risk'], rows)] : []),
    '',
  ].join('\n\n');
};
