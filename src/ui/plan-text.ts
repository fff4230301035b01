import { createTwoFilesPatch } from 'diff';
import type { Plan, PlannedChange } from '../model/plan.ts';
import { count } from './count.ts';
import type { Paint } from './paint.ts';

export interface PlanTextOptions {
  /** Show do, undo and verify of every change. */
  commands: boolean;
  diffs: boolean;
  /** Long diffs too, to the last line. */
  whole: boolean;
  stages: ReadonlyMap<string, string>;
}

/** The same deed on several nodes is shown once: what reads the same is grouped. */
const grouped = (
  changes: readonly PlannedChange[],
  details: (change: PlannedChange) => string[],
): { nodes: string[]; change: PlannedChange; more: string[] }[] => {
  const groups = new Map<string, { nodes: string[]; change: PlannedChange; more: string[] }>();
  for (const change of changes) {
    const more = details(change);
    const key = JSON.stringify([change.step, change.id, change.title, change.risk, more]);
    const group = groups.get(key);
    if (group) group.nodes.push(change.node);
    else groups.set(key, { nodes: [change.node], change, more });
  }
  return [...groups.values()];
};

/** Lines of a diff that are shown unless more is asked for: a signing key need not fill the screen. */
const DIFF_LINES = 24;

const diffLines = ({ path, before, after }: NonNullable<PlannedChange['diff']>, whole: boolean, p: Paint): string[] => {
  const lines = createTwoFilesPatch(path, path, before, after, '', '', { context: 1 })
    .split('\n')
    .filter((line) => line !== '' && !/^(=====|---|\+\+\+|\\)/.test(line));
  const shown =
    whole || lines.length <= DIFF_LINES ? lines : [...lines.slice(0, 6), `... ${lines.length - 6} more lines (all of them with --verbose)`];
  return shown.map((line) => (line.startsWith('+') ? p.add(line) : line.startsWith('-') ? p.remove(line) : p.dim(line)));
};

const script = (label: string, text: string, p: Paint): string[] => [p.dim(`${label}:`), ...text.split('\n').map((line) => `  ${line}`)];

const SIGN = { safe: '+', disruptive: '~', destructive: '!' } as const;

const detailLines = (change: PlannedChange, options: PlanTextOptions, p: Paint): string[] => [
  ...(change.device ? [p.bad(`loses: ${change.device.loses} on ${change.device.path}, serial ${change.device.serial}`)] : []),
  ...(change.guard ? [p.dim(`taken back by the node itself after ${change.guard.seconds} s, unless a new login works`)] : []),
  ...(options.diffs && change.diff ? diffLines(change.diff, options.whole, p) : []),
  ...(options.commands
    ? [
        ...script('do', change.do.shown, p),
        ...script('undo', change.undo === 'nothing' ? 'nothing to undo' : change.undo.shown, p),
        ...script('verify', change.verify.shown, p),
      ]
    : []),
];

const headLine = ({ nodes, change }: { nodes: readonly string[]; change: PlannedChange }, p: Paint): string => {
  const color = { safe: p.add, disruptive: p.change, destructive: p.remove }[change.risk];
  const risk = change.risk === 'safe' ? '' : `  ${color(`(${change.risk})`)}`;
  return `  ${color(SIGN[change.risk])} ${p.head(nodes.join(', '))}: ${change.title}${risk}`;
};

/** One line that sums a plan up. */
export const planSummary = ({ summary }: Plan): string => {
  if (summary.changes === 0) return `Nothing to do: ${count(summary.nodes, 'node')}, ${count(summary.steps, 'step')}, 0 changes.`;
  const loses = summary.destructive > 0 ? `, ${summary.destructive} of them destructive` : '';
  return `${count(summary.changes, 'change')} on ${count(summary.nodes, 'node')}${loses}.`;
};

/** The plan as a person reads it: stage by stage, what is the same on several nodes once. */
export const planText = (plan: Plan, options: PlanTextOptions, p: Paint): string => {
  const lines: string[] = [];
  for (const stage of new Set(plan.changes.map((change) => change.stage))) {
    lines.push(p.head(options.stages.get(stage) ?? stage));
    const own = plan.changes.filter((change) => change.stage === stage);
    for (const group of grouped(own, (change) => detailLines(change, options, p))) {
      lines.push(headLine(group, p), ...group.more.map((line) => `      ${line}`));
    }
    lines.push('');
  }
  for (const note of plan.notes) lines.push(`${p.warn('note:')} ${note}`);
  lines.push(planSummary(plan));
  return lines.join('\n');
};
