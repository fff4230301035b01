import type { Writable } from 'node:stream';

/** Where words go. Results to stdout, all else to stderr; what may be used on a stream is decided here, once. */
export interface Output {
  /** A result. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** stderr is a terminal that can redraw. */
  live: boolean;
  /** Somebody is there to be asked. */
  interactive: boolean;
  colorOut: boolean;
  colorErr: boolean;
  unicode: boolean;
  /** Columns of stderr. */
  width: number;
  quiet: boolean;
  verbose: boolean;
}

interface Terminal extends Writable {
  isTTY?: boolean;
  columns?: number;
}

export interface OutputWishes {
  color: boolean;
  input: boolean;
  quiet: boolean;
  verbose: boolean;
  env: { noColor: boolean; forceColor: boolean | null; term: string | null; lang: string | null; columns: number | null };
  streams: { stdin: { isTTY?: boolean }; stdout: Terminal; stderr: Terminal };
}

/**
 * Colour: the flag, then NO_COLOR, then FORCE_COLOR, then TERM and whether that stream is a terminal. The
 * libraries each decide this in their own way, so none of them is asked.
 */
export const makeOutput = ({ color, input, quiet, verbose, env, streams }: OutputWishes): Output => {
  const { stdin, stdout, stderr } = streams;
  const colored = (stream: Terminal): boolean => {
    if (!color || env.noColor) return false;
    if (env.forceColor !== null) return env.forceColor;
    return stream.isTTY === true && env.term !== 'dumb';
  };
  const end = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);
  return {
    out: (text) => void stdout.write(end(text)),
    err: (text) => void stderr.write(end(text)),
    // A terminal that does not know how wide it is (0 columns) cannot be redrawn.
    live: stderr.isTTY === true && env.term !== 'dumb' && !quiet && (stderr.columns ?? 0) >= 40,
    interactive: input && stdin.isTTY === true && stderr.isTTY === true,
    colorOut: colored(stdout),
    colorErr: colored(stderr),
    unicode: env.term !== 'dumb' && /utf-?8/i.test(env.lang ?? ''),
    width: Math.max(40, env.columns ?? stderr.columns ?? 80),
    quiet,
    verbose,
  };
};
