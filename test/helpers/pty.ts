import { spawn } from 'node:child_process';

/** Reads size and command from its arguments, gives the command a terminal, and copies both ways. */
const BRIDGE = `
import fcntl, os, pty, select, struct, sys, termios
rows, cols = int(sys.argv[1]), int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
inputs = [0, fd]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        data = os.read(0, 65536)
        if data: os.write(fd, data)
        else: inputs.remove(0)
    if fd in ready:
        try: data = os.read(fd, 65536)
        except OSError: data = b''
        if not data: break
        os.write(1, data)
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

export interface Terminal {
  /** All that was drawn so far, with its control sequences. */
  readonly raw: string;
  /** The same without them: for matching, not what a person would see at one time. */
  readonly text: string;
  /** Waits until this was drawn after the last thing that was waited for. Throws with what was drawn instead. */
  expect(what: RegExp | string, timeoutMs?: number): Promise<void>;
  /** Types; special keys as their control characters. */
  type(keys: string): void;
  /** Exit code of the program. */
  exit: Promise<number>;
  kill(): void;
}

export const KEY = { enter: '\r', up: '\x1b[A', down: '\x1b[B', space: ' ', escape: '\x1b', ctrlC: '\x03', ctrlD: '\x04' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const CONTROL = /\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78]|[\r\x07\x0e\x0f]/g;

/** A program in a real pseudo-terminal, by Python's pty: nothing has to be compiled for it. */
export const openTerminal = (
  command: readonly string[],
  { env, cwd, rows = 40, cols = 100 }: { env: Record<string, string | undefined>; cwd: string; rows?: number; cols?: number },
): Terminal => {
  const child = spawn('python3', ['-c', BRIDGE, `${rows}`, `${cols}`, ...command], {
    cwd,
    // Python would set LC_CTYPE to UTF-8 in the C locale, for what it starts, too (PEP 538).
    env: { ...env, PYTHONCOERCECLOCALE: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let raw = '';
  let seen = 0;
  let ended = false;
  let wake: () => void = () => {};
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    raw += chunk;
    wake();
  });
  const exit = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      ended = true;
      wake();
      resolve(code ?? 255);
    });
  });
  const text = (): string => raw.replaceAll(CONTROL, '');
  const find = (what: RegExp | string): number => {
    const rest = text().slice(seen);
    const at = typeof what === 'string' ? rest.indexOf(what) : rest.search(what);
    if (at === -1) return -1;
    const length = typeof what === 'string' ? what.length : (what.exec(rest)?.[0].length ?? 0);
    return seen + at + length;
  };
  return {
    get raw() {
      return raw;
    },
    get text() {
      return text();
    },
    async expect(what, timeoutMs = 30_000) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const end = find(what);
        if (end !== -1) {
          seen = end;
          return;
        }
        const left = until - Date.now();
        if (ended || left <= 0)
          throw new Error(`${ended ? 'it ended' : 'time is over'} without ${what}; drawn since:\n${text().slice(seen)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 500));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    type: (keys) => void child.stdin.write(keys),
    exit,
    kill: () => void child.kill('SIGKILL'),
  };
};
