import { type BegunLine, FORMAT, JournalLine, type StartedLine } from './record.ts';

/** begun: cut off in the middle; nobody knows how far it came. */
export type EntryState = 'begun' | 'done' | 'failed' | 'undoing' | 'undo-failed' | 'undone';

export interface Entry extends BegunLine {
  state: EntryState;
  stderr: readonly string[];
}

export interface History {
  run: StartedLine;
  entries: readonly Entry[];
  /** null while it runs, and for ever when it was killed. */
  result: { result: string; exit: number; at: string } | null;
}

const STATE: Record<'done' | 'undone' | 'failed' | 'undo-failed' | 'undo', EntryState> = {
  done: 'done',
  undone: 'undone',
  failed: 'failed',
  'undo-failed': 'undo-failed',
  undo: 'undoing',
};

/** A journal that this version cannot read. What its first line says of itself is kept where it says it. */
export class UnreadableJournal extends Error {
  readonly cluster: string | null;
  /** The version of glusterctl that wrote it. */
  readonly by: string | null;
  constructor(message: string, first: unknown) {
    super(message);
    const { cluster, glusterctl } = (typeof first === 'object' && first !== null ? first : {}) as Record<string, unknown>;
    this.cluster = typeof cluster === 'string' ? cluster : null;
    this.by = typeof glusterctl === 'string' ? glusterctl : null;
  }
}

const parseLines = (lines: readonly string[]): JournalLine[] => {
  let first: unknown = null;
  return lines.map((text, i) => {
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      throw new UnreadableJournal(`line ${i + 1} of the journal is not JSON`, first);
    }
    if (i === 0) first = line;
    const { v, t } = (line ?? {}) as { v?: unknown; t?: unknown };
    if (i === 0 && typeof v === 'number' && v !== FORMAT)
      throw new UnreadableJournal(`the journal has format ${v}, and this glusterctl reads ${FORMAT}`, first);
    const parsed = JournalLine.safeParse(line);
    if (!parsed.success)
      throw new UnreadableJournal(`line ${i + 1} of the journal (${JSON.stringify(t)}) is none that this glusterctl knows`, first);
    return parsed.data;
  });
};

/**
 * A journal's text -> what happened. A last line without its newline was cut off while it was written: the
 * deed it announces had not begun, since the write is on disk before the deed. Throws
 * UnreadableJournal on any other bad line.
 */
export const readHistory = (text: string): History => {
  const lines = parseLines(text.split('\n').slice(0, -1));
  let run: StartedLine | null = null;
  let result: History['result'] = null;
  const entries = new Map<number, Entry>();
  for (const line of lines) {
    if (line.t === 'run') run ??= line;
    else if (line.t === 'begin') entries.set(line.seq, { ...line, state: 'begun', stderr: [] });
    else if (line.t === 'end') result = { result: line.result, exit: line.exit, at: line.at };
    else {
      const entry = entries.get(line.seq);
      if (!entry) throw new UnreadableJournal(`the journal speaks of change ${line.seq}, which never began`, lines[0]);
      entries.set(line.seq, { ...entry, state: STATE[line.t], stderr: 'stderr' in line ? line.stderr : entry.stderr });
    }
  }
  if (!run) throw new UnreadableJournal('the journal has no first line', lines[0]);
  return { run, entries: [...entries.values()], result };
};

/** Changes whose effect may still be there, newest first. */
export const inEffect = (history: History): Entry[] => history.entries.filter((e) => e.state !== 'undone').sort((a, b) => b.seq - a.seq);
