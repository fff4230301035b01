import type { Event } from '../model/event.ts';
import { reportText } from './error-text.ts';
import type { Output } from './output.ts';
import { marks, paint } from './paint.ts';

/** Seconds with one decimal, or milliseconds below one second. */
export const duration = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

const RESULT = {
  converged: 'Nothing to do',
  changed: 'Done',
  failed: 'Failed',
  'rolled-back': 'Rolled back',
  refused: 'Refused',
} as const;

/** The last line of a run. */
export const resultLine = (e: Extract<Event, { type: 'run.finished' }>): string => {
  if (e.pending !== undefined) return `Dry run: ${e.pending} to change, ${e.unchanged} unchanged, nothing was done, ${duration(e.ms)}`;
  const what = e.result === 'rolled-back' ? 'undone' : 'changed';
  const run = e.run === null || e.result === 'converged' ? '' : `  run ${e.run}`;
  return `${RESULT[e.result]}: ${e.changed} ${what}, ${e.unchanged} unchanged, ${e.failed} failed, ${duration(e.ms)}${run}`;
};

/** One line for each thing that happens; each line names its node. For logs and terminals that cannot redraw. */
export const plainView = (output: Output): ((event: Event) => void) => {
  const p = paint(output.colorErr);
  const m = marks(output.unicode);
  const say = (text: string) => void (output.quiet || output.err(text));
  return (e) => {
    switch (e.type) {
      case 'stage.started':
        return say(p.head(`${e.title} (${e.changes})`));
      case 'change.started':
        return output.verbose ? say(`  ${e.node}: ${e.title} ...`) : undefined;
      case 'change.output':
        return output.verbose ? say(p.dim(`  ${e.node} | ${e.line}`)) : undefined;
      case 'change.done':
        return say(`  ${p.good(m.done)} ${e.node}: ${e.title} ${p.dim(duration(e.ms))}`);
      case 'change.failed':
      case 'undo.failed':
        return output.err(`  ${p.bad(m.failed)} ${reportText(e.report)}`);
      case 'undo.done':
        return say(`  ${p.good(m.undone)} ${e.node}: undone: ${e.title} ${p.dim(duration(e.ms))}`);
      case 'undo.left':
        return output.err(`  ${p.warn(m.kept)} ${e.node}: left: ${e.title}\n      ${e.why.replaceAll('\n', '\n      ')}`);
      case 'note':
        return say(`${p.warn('note:')} ${e.text}`);
      case 'error':
        return e.reports.forEach((report) => void output.err(`${p.bad('error:')} ${reportText(report)}`));
      case 'run.finished':
        return output.quiet && e.exit === 0 ? undefined : output.err(e.exit === 0 ? p.good(resultLine(e)) : p.bad(resultLine(e)));
      default:
        return undefined;
    }
  };
};
