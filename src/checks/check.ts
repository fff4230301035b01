import type { Report } from '../errors.ts';
import type { Reach } from '../facts/ports.ts';
import type { Cluster, Node } from '../model/cluster.ts';
import type { CheckFacts } from './facts.ts';

/** stop: a run would stop here, or the pool would be broken. warn: it goes on, and somebody should know. */
export type Severity = 'stop' | 'warn';

/** One thing that is wrong. `why` and `next` are cause and remedy of the check where they are left out. */
export interface Finding {
  /** null: it is about several nodes. */
  node: string | null;
  what: string;
  why?: string | undefined;
  next?: string | undefined;
  severity?: Severity | undefined;
}

export interface CheckText {
  /** Never changes: pipelines look for it. */
  id: string;
  title: string;
  severity: Severity;
  cause: string;
  remedy: string;
}

/** A fault that glusterctl knows by name. */
export interface Check extends CheckText {
  evaluate(seen: Seen): readonly Finding[];
}

/** A node that answered. Reading a fact that could not be asked throws Unread. */
export interface NodeSeen {
  node: Node;
  is: CheckFacts;
}

/** A question that a node did not answer; what rests on it is not judged, and that is said. */
export class Unread extends Error {}

/** A node's clock against that of this machine, in seconds; ahead is more than 0. */
export interface ClockSeen {
  offset: number;
  /** The measurement's own error: half of the time that the question took. */
  error: number;
}

/** A connection that was really made, or tried. */
export interface Path {
  from: string;
  to: string;
  address: string;
  port: number;
  what: 'glusterd' | 'bricks' | 'packages';
  /** Something listened there at that moment, so that only `open` is good; else `refused` shows that packets come through. */
  listener: boolean;
  reach: Reach;
}

/** All that the checks judge by. */
export interface Seen {
  cluster: Cluster;
  nodes: readonly NodeSeen[];
  /** Nodes that could not be asked. */
  lost: readonly Report[];
  /** Why steps cannot be planned. */
  reasons: readonly (Report & { step: string })[];
  /** What `apply` would do, as STEP@NODE. */
  planned: ReadonlySet<string>;
  /** Questions without an answer. */
  unread: readonly { node: string; fact: string; why: string }[];
  clocks: ReadonlyMap<string, ClockSeen>;
  paths: readonly Path[];
}

type Said = string | Omit<Finding, 'node'> | null | false | readonly (string | Omit<Finding, 'node'>)[];

const findings = (node: string, said: Said): Finding[] => {
  if (said === null || said === false) return [];
  const list = typeof said === 'string' || 'what' in said ? [said] : said;
  return list.map((one) => (typeof one === 'string' ? { node, what: one } : { node, ...one }));
};

/** What each node says of something; those that did not say are left out. */
export const told = <T>(nodes: readonly NodeSeen[], value: (is: CheckFacts, node: Node) => T): { node: Node; value: T }[] =>
  nodes.flatMap(({ node, is }) => {
    try {
      return [{ node, value: value(is, node) }];
    } catch (error) {
      if (error instanceof Unread) return [];
      throw error;
    }
  });

/** A check that looks at each node by itself. */
export const onEachNode = (text: CheckText, judge: (is: CheckFacts, node: Node, seen: Seen) => Said): Check => ({
  ...text,
  evaluate: (seen) => told(seen.nodes, (is, node) => findings(node.name, judge(is, node, seen))).flatMap(({ value }) => value),
});

/** A check that a step or the login makes: what they refuse is never judged a second time in another way. */
export const refused = (text: Omit<CheckText, 'severity'>): Check => ({
  ...text,
  severity: 'stop',
  evaluate: ({ reasons, lost }) =>
    [...lost, ...reasons].filter(({ check }) => check === text.id).map(({ node = null, what, why, next }) => ({ node, what, why, next })),
});

/** Names of nodes by what they say; null and '' say nothing. */
export const groupsBy = <T>(nodes: readonly NodeSeen[], value: (is: CheckFacts, node: Node) => T | null | undefined): Map<T, string[]> => {
  const by = new Map<T, string[]>();
  for (const { node, value: own } of told(nodes, value)) {
    if (own !== null && own !== undefined && own !== '') by.set(own, [...(by.get(own) ?? []), node.name]);
  }
  return by;
};

/** Nodes that share a value which each should have for itself. */
export const sharing = (nodes: readonly NodeSeen[], value: (is: CheckFacts) => string): { value: string; names: string[] }[] =>
  [...groupsBy(nodes, value)].filter(([, names]) => names.length > 1).map(([own, names]) => ({ value: own, names }));

export const words = (list: readonly string[]): string =>
  list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
