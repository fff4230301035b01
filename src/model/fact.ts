import type { Sh } from '../sh.ts';

/** What a fragment printed and how it ended. stderr is not kept: a fact is what is on stdout. */
export interface FactOutput {
  stdout: string;
  code: number;
}

/**
 * A read-only question to a node. `read` runs in a sub-shell of its own, with stdin closed, next to all
 * other facts of the node in one exec; `parse` is pure. Equal ids mean equal fragments: they are asked once.
 * What `parse` gives must not change from one second to the next: it is part of a plan's fingerprint.
 */
export interface Fact<T> {
  id: string;
  read: Sh;
  parse(out: FactOutput): T;
  /** How it is asked together with others of its kind, in place of `read`. */
  batch?: { of: Batch; items: readonly string[] };
}

/** A kind of question that one process answers for many: the states of files, of units. */
export interface Batch {
  id: string;
  /** Asks for all items at once. */
  read(items: readonly string[]): Sh;
  /** What `read` of a fact with these items would have said, out of the answer for all. */
  answer(out: FactOutput, items: readonly string[]): FactOutput;
}

// biome-ignore lint/suspicious/noExplicitAny: a set holds facts of every type
export type FactSet = Record<string, Fact<any>>;

export type Answers<F extends FactSet> = { readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never };
