import { checks } from './catalog.ts';
import type { Path, Seen, Severity } from './check.ts';

export interface Fault {
  id: string;
  /** null: it is about several nodes. */
  node: string | null;
  severity: Severity;
  what: string;
  why: string;
  next: string;
}

/** The one document of `check --json`. */
export interface CheckReport {
  v: 1;
  cluster: string;
  /** Those that would stop a run first, then in the catalogue's order. */
  faults: readonly Fault[];
  matrix: readonly Path[];
  summary: { nodes: number; reached: number; checks: number; stop: number; warn: number };
}

export const judge = (seen: Seen): CheckReport => {
  const known = new Set(checks.map(({ id }) => id));
  const strange = [...seen.reasons, ...seen.lost].find(({ check }) => check !== undefined && !known.has(check));
  if (strange) throw new Error(`no check is called ${strange.check}`);
  const faults = checks.flatMap(({ id, severity, cause, remedy, evaluate }) =>
    evaluate(seen).map(
      (one): Fault => ({
        id,
        node: one.node,
        severity: one.severity ?? severity,
        what: one.what,
        why: one.why ?? cause,
        next: one.next ?? remedy,
      }),
    ),
  );
  const of = (severity: Severity) => faults.filter((fault) => fault.severity === severity);
  const [stop, warn] = [of('stop'), of('warn')];
  return {
    v: 1,
    cluster: seen.cluster.name,
    faults: [...stop, ...warn],
    matrix: seen.paths,
    summary: {
      nodes: seen.nodes.length + seen.lost.length,
      reached: seen.nodes.length,
      checks: checks.length,
      stop: stop.length,
      warn: warn.length,
    },
  };
};
