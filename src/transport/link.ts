import type { Readable } from 'node:stream';

export interface Command {
  /** Plain words only: the login shell may be any. */
  words: readonly string[];
  /** All of its stdin; then end of file. A stream is destroyed when the command ends before it. */
  input: string | Readable;
  onData(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Cuts the channel. What runs on the node ends when it next prints something, or by itself. */
  signal: AbortSignal;
}

/**
 * What each transport does in its own way: start one command. What is the same for all (sudo, lines, limits
 * of time) is in shell-host.ts. Errors carry no node's name yet: a jump host belongs to several nodes.
 */
export interface Link {
  /** Finds out who logs in where, and connects where that can be done ahead. Throws ConnectError, Refused. */
  open(): Promise<{ root: boolean; user: string }>;
  /** Exit status; 128 + n when a signal ended it. Throws ConnectError when it cannot connect, and when the connection was lost. */
  exec(command: Command): Promise<number>;
  close(): Promise<void>;
}
