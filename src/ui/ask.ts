import { Interrupted } from '../errors.ts';
import { BACK, readLines } from './prompt-lines.ts';

/** Questions are drawn on stderr, so that stdout holds results only. inquirer is loaded when the first is asked. */
const context = { input: process.stdin, output: process.stderr };

const asked = async <T>(ask: (inquirer: typeof import('inquirer').default) => Promise<T>): Promise<T> => {
  const { default: inquirer } = await import('inquirer');
  try {
    return await ask(inquirer);
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new Interrupted('SIGINT', { what: 'stopped at a question; nothing was done' });
    throw error;
  }
};

const prompt = (inquirer: typeof import('inquirer').default) => inquirer.createPromptModule(context);

/** A terminal that cannot redraw gets a plain line. */
const isDumb = (): boolean => process.env.TERM === 'dumb';

const plainly = async (message: string, secret = false): Promise<string> => {
  const typed = await readLines(`${message} `, { many: false, secret, keys: false });
  return typed === BACK ? '' : typed;
};

/** A password or passphrase; not shown while it is typed. */
export const askSecret = (message: string): Promise<string> =>
  isDumb()
    ? plainly(message, true)
    : asked(async (inquirer) => (await prompt(inquirer)([{ type: 'password', name: 'answer', message }])).answer);

/** `otherwise`: what Enter alone means. */
export const askYes = async (message: string, otherwise = false): Promise<boolean> => {
  if (!isDumb()) return drawnYes(message, otherwise);
  const typed = (await plainly(`${message} [${otherwise ? 'Y/n' : 'y/N'}]`)).trim().toLowerCase();
  return typed === '' ? otherwise : typed === 'y' || typed === 'yes';
};

const drawnYes = (message: string, otherwise: boolean): Promise<boolean> =>
  asked(async (inquirer) => (await prompt(inquirer)([{ type: 'confirm', name: 'answer', message, default: otherwise }])).answer);

/** A text that has to be typed: a serial, a node's name. */
export const askText = (message: string): Promise<string> =>
  isDumb() ? plainly(message) : asked(async (inquirer) => (await prompt(inquirer)([{ type: 'input', name: 'answer', message }])).answer);
