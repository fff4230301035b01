import type { Plan, PlannedChange } from '../model/plan.ts';
import type { Paint } from './paint.ts';

const countBy = <T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};

/** What a person must not miss: what interrupts a service, and what loses data. */
const warning = (change: PlannedChange, p: Paint): string => {
  const loses = change.device ? `: loses ${change.device.loses} on ${change.device.path}` : '';
  return `    ${(change.risk === 'destructive' ? p.remove : p.change)(`${change.risk}`)}  ${change.title}${loses}`;
};

/** What will happen on each node, stage by stage in numbers; what is not safe in full. */
export const planSummary = (plan: Plan, stages: ReadonlyMap<string, string>, p: Paint): string => {
  const nodes = [...countBy(plan.changes, ({ node }) => node)].sort(([a], [b]) => plan.nodes.indexOf(a) - plan.nodes.indexOf(b));
  const lines = nodes.flatMap(([node, changes]) => {
    const parts = [...countBy(changes, ({ stage }) => stage)].map(([stage, list]) => `${stages.get(stage) ?? stage} (${list.length})`);
    const unsafe = changes.filter(({ risk }) => risk !== 'safe').map((change) => warning(change, p));
    return [`  ${p.head(node)}: ${parts.join(', ')}`, ...unsafe];
  });
  const { changes, destructive } = plan.summary;
  const total = `${changes} changes on ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}${destructive > 0 ? `, ${p.remove(`${destructive} destructive`)}` : ''}`;
  return [...lines, ...plan.notes.map((note) => `  ${p.warn('note:')} ${note}`), total].join('\n');
};
