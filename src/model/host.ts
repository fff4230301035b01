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

/** A node that also takes files, and can be called before there is something to say. */
export interface Receiver extends Host {
  /** Begins to log in, while whoever calls has other things to do. What comes of it, an error too, is told to the first run. */
  connect(): void;
  /**
   * Adds bytes to the end of a file on the node, as they come: no copy of them is held here. What had arrived when it was cut off is
   * there, so that it can be gone on with. Throws ConnectError, also when the node cannot write them.
   */
  append(path: string, bytes: AsyncIterable<Uint8Array>, options?: Pick<RunOptions, 'signal' | 'timeout'>): Promise<void>;
}
