export interface RunOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds until the command is given up and the channel cut; default 10 minutes. */
  timeout?: number | undefined;
  /** Called for each whole line as it arrives. */
  onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  /** Exit status of the script; 128 + n when a signal ended it. */
  code: number;
}

/** A node one can run scripts on, as root. Connects at the first run; throws ConnectError when it cannot. */
export interface Host {
  readonly name: string;
  /** Runs POSIX sh given on stdin to `sh -s`; LC_ALL=C, stdin of its commands closed. A non-zero exit is a result, not an error. */
  run(script: string, options?: RunOptions): Promise<RunResult>;
  close(): Promise<void>;
}
