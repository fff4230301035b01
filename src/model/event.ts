import type { Report } from '../errors.ts';
import type { Risk } from './change.ts';

export type RunResult = 'converged' | 'changed' | 'failed' | 'rolled-back' | 'refused';

interface Of {
  node: string;
  step: string;
  stage: string;
  /** The change's id within its step. */
  id: string;
  title: string;
  risk: Risk;
}

/** All that a run says. Every view (terminal, plain, NDJSON, GitHub, JUnit) is made of these alone. */
export type Event =
  | { type: 'version'; v: 1; glusterctl: string; run: string | null; cluster: string; verb: string }
  | { type: 'run.started'; run: string; nodes: readonly string[]; changes: number }
  | { type: 'stage.started'; stage: string; title: string; nodes: readonly string[]; changes: number }
  | ({ type: 'change.started' } & Of)
  | { type: 'change.output'; node: string; step: string; id: string; stream: 'stdout' | 'stderr'; line: string }
  | ({ type: 'change.done'; ms: number } & Of)
  | ({ type: 'change.failed'; ms: number; code: number; stderr: readonly string[]; report: Report } & Of)
  | { type: 'stage.finished'; stage: string; ms: number }
  | ({ type: 'undo.started' } & Of)
  | ({ type: 'undo.done'; ms: number } & Of)
  | ({ type: 'undo.failed'; ms: number; code: number; stderr: readonly string[]; report: Report } & Of)
  /** Something that has no undo, or that was left as it is, and why. */
  | ({ type: 'undo.left'; why: string } & Of)
  /** Only with --dry-run: the document of `plan --json`. */
  | { type: 'plan'; plan: unknown }
  | { type: 'note'; text: string }
  | { type: 'error'; exit: number; reports: readonly Report[] }
  | {
      type: 'run.finished';
      run: string | null;
      result: RunResult;
      changed: number;
      unchanged: number;
      failed: number;
      /** Only with --dry-run: changes that would be done. */
      pending?: number | undefined;
      exit: number;
      ms: number;
    };

export type Emit = (event: Event) => void;
