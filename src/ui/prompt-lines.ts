import { createInterface, emitKeypressEvents } from 'node:readline';
import { Interrupted } from '../errors.ts';

/** What a question gives back when somebody wants to go back to the one before. */
export const BACK = Symbol('back');

export const interrupted = (): Interrupted => new Interrupted('SIGINT', { what: 'stopped at a question; nothing was done' });

/** Milliseconds without a further line after which a pasted list has ended: a terminal delivers a paste in one go. */
const PASTE = 80;

export interface LineOptions {
  /** Take all lines of a paste, not only the first. */
  many: boolean;
  /** Not shown while it is typed. */
  secret?: boolean;
  /** The terminal can redraw: keys are read one by one, and Esc goes back. */
  keys: boolean;
}

/** One answer, typed or pasted, on the terminal. Ctrl-C throws Interrupted; so does the end of the input. */
export const readLines = (prompt: string, { many, secret = false, keys }: LineOptions): Promise<string | typeof BACK> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process;
    let muted = false;
    const write = stderr.write.bind(stderr);
    const output = Object.create(stderr, {
      write: { value: (text: string, ...rest: never[]) => (muted && !/^\r?\n/.test(text) ? true : write(text, ...rest)) },
    }) as typeof stderr;
    const rl = createInterface({ input: stdin, output, terminal: keys || secret, historySize: 0 });
    const lines: string[] = [];
    let timer: NodeJS.Timeout | undefined;
    let done = false;
    const end = (finish: () => void): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      stdin.off('keypress', onKey);
      rl.close();
      finish();
    };
    const onKey = (_text: string | undefined, key: { name?: string }): void => {
      if (key?.name !== 'escape') return;
      write('\n');
      end(() => resolve(BACK));
    };
    if (keys) {
      emitKeypressEvents(stdin);
      stdin.on('keypress', onKey);
    }
    rl.on('line', (line) => {
      lines.push(line);
      clearTimeout(timer);
      // What stands in the line by now belongs to the paste, too.
      timer = setTimeout(() => (many && rl.line !== '' && keys ? undefined : end(() => resolve(lines.join('\n')))), many ? PASTE : 0);
    });
    rl.on('SIGINT', () => end(() => reject(interrupted())));
    rl.on('close', () => end(() => reject(interrupted())));
    rl.setPrompt(prompt);
    rl.prompt();
    muted = secret;
  });
