import { isThrough } from '../checks/network.ts';
import type { CheckReport, Fault } from '../checks/report.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

/** The same fault on several nodes is shown once. */
const grouped = (faults: readonly Fault[]): { fault: Fault; nodes: string[] }[] => {
  const groups = new Map<string, { fault: Fault; nodes: string[] }>();
  for (const fault of faults) {
    const { node, ...rest } = fault;
    const key = JSON.stringify(rest);
    const group = groups.get(key) ?? { fault, nodes: [] };
    groups.set(key, group);
    if (node !== null) group.nodes.push(node);
  }
  return [...groups.values()];
};

const indent = (text: string): string => text.replaceAll('\n', '\n    ');

const faultText = ({ fault, nodes }: { fault: Fault; nodes: string[] }, p: Paint): string => {
  const sign = fault.severity === 'stop' ? p.bad('stop') : p.warn('warn');
  const where = nodes.length > 0 ? `${p.head(nodes.join(', '))}: ` : '';
  return `${sign}  ${where}${indent(fault.what)}  ${p.dim(`[${fault.id}]`)}\n    why: ${indent(fault.why)}\n    next: ${indent(fault.next)}`;
};

const MARK = { glusterd: '24007', bricks: 'bricks' } as const;

/** From each node (rows) to each server (columns): `ok`, or what is shut. */
const matrixText = ({ matrix }: CheckReport, p: Paint): string | null => {
  const paths = matrix.filter(({ what }) => what !== 'packages');
  if (paths.length === 0) return null;
  const from = [...new Set(paths.map((path) => path.from))];
  const order = (name: string): number => (from.includes(name) ? from.indexOf(name) : from.length);
  const to = [...new Set(paths.map((path) => path.to))].sort((a, b) => order(a) - order(b));
  const cell = (a: string, b: string): string => {
    const own = paths.filter((path) => path.from === a && path.to === b);
    if (own.length === 0) return '-';
    const shut = [
      ...new Set(
        own.filter((path) => !isThrough(path)).map(({ what, reach }) => (reach === 'unknown' ? '?' : MARK[what as 'glusterd' | 'bricks'])),
      ),
    ];
    return shut.length === 0 ? p.good('ok') : p.bad(shut.includes('?') ? '?' : `no ${shut.join(', ')}`);
  };
  return table(
    ['FROM', ...to.map((name) => `to ${name}`)],
    from.map((a) => [a, ...to.map((b) => cell(a, b))]),
  );
};

/** All faults, the connections that were tried, and one line that sums them up. */
export const checkText = (report: CheckReport, p: Paint): string => {
  const { cluster, summary } = report;
  const matrix = matrixText(report, p);
  const found = summary.stop + summary.warn;
  const sum = `${cluster}: ${summary.reached} of ${summary.nodes} nodes looked at, ${summary.checks} checks: ${summary.stop} would stop a run, ${summary.warn} to know`;
  return [
    ...grouped(report.faults).map((group) => faultText(group, p)),
    ...(matrix === null ? [] : [matrix]),
    summary.stop > 0 ? p.bad(sum) : found > 0 ? p.warn(sum) : p.good(sum),
  ].join('\n\n');
};
