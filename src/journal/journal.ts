import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { ApplyFailed } from '../errors.ts';
import type { PlannedChange } from '../model/plan.ts';
import type { JournalLine, StartedLine } from './record.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** Append-only, one JSON object a line, on disk (fsync) before `append` returns. Mode 0600. */
export class Journal {
  readonly run: string;
  readonly #fd: number;
  #seq: number;
  /** Why nothing may be written any more. */
  #torn: ApplyFailed | null = null;

  private constructor(run: string, fd: number, seq: number) {
    this.run = run;
    this.#fd = fd;
    this.#seq = seq;
  }

  static create(path: string, first: WithoutTime<StartedLine>): Journal {
    const journal = new Journal(first.run, openSync(path, 'ax', 0o600), 0);
    journal.append(first);
    return journal;
  }

  /** To go on with a journal that is there already: a rollback writes into the run that it undoes. */
  static reopen(path: string, run: string, lastSeq: number): Journal {
    return new Journal(run, openSync(path, 'a', 0o600), lastSeq);
  }

  /** Throws ApplyFailed when the line cannot be written (a full disk); what was written of it is taken away again. */
  append(line: WithoutTime<JournalLine>): void {
    if (this.#torn !== null) throw this.#torn;
    const bytes = Buffer.from(`${JSON.stringify({ ...line, at: new Date().toISOString() })}\n`);
    const { size } = fstatSync(this.#fd);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      fsyncSync(this.#fd);
    } catch (error) {
      const failed = this.#failed(error as Error);
      try {
        ftruncateSync(this.#fd, size);
      } catch {
        // A torn last line is left out by readers, as long as nothing follows it.
        this.#torn = failed;
      }
      throw failed;
    }
  }

  #failed(cause: Error): ApplyFailed {
    const next = `free space on this machine, then apply again, or undo what was done: glusterctl rollback ${this.run}`;
    return new ApplyFailed({ what: 'the journal cannot be written', why: cause.message, next }, { cause });
  }

  /** Says on disk what is about to be done and how to undo it. Gives the number that later lines refer to. */
  begin(change: PlannedChange): number {
    this.#seq += 1;
    const { node, step, stage, id, title, risk } = change;
    const undo = change.undo === 'nothing' ? 'nothing' : change.undo.shown;
    this.append({ t: 'begin', seq: this.#seq, node, step, stage, id, title, risk, do: change.do.shown, undo, verify: change.verify.shown });
    return this.#seq;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
