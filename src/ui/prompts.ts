import { emitKeypressEvents } from 'node:readline';
import type { QuestionOf } from '../init/questions.ts';
import type { Output } from './output.ts';
import { paint } from './paint.ts';
import { BACK, interrupted, readLines } from './prompt-lines.ts';
import { askPlainly } from './prompt-plain.ts';
import { promptTheme } from './prompt-theme.ts';

export { BACK } from './prompt-lines.ts';

type Drawn = Record<string, unknown>;

const drawn = (question: QuestionOf<string>, output: Output): Drawn => {
  const { kind, text } = question;
  const base = { name: 'answer', message: text, theme: promptTheme(output) };
  if (kind === 'secret') return { ...base, type: 'password' };
  if (kind === 'text')
    return { ...base, type: 'input', default: question.default, validate: (value: string) => question.check(value) ?? true };
  if (kind === 'lines') return base;
  const choices = question.choices.map(({ value, title, refused }) => ({
    value,
    name: title,
    short: title.split('  ')[0] ?? title,
    disabled: refused ? `(${refused})` : false,
  }));
  if (kind === 'one') return { ...base, type: 'select', choices, default: question.default, pageSize: 12 };
  const checked = choices.map((choice) => ({ ...choice, checked: question.defaults.includes(choice.value) }));
  const validate = (rows: readonly { value: string }[]) => question.check(rows.map(({ value }) => value)) ?? true;
  return { ...base, type: 'checkbox', choices: checked, validate, pageSize: 16 };
};

/** The list of hosts may be pasted, line by line, which inquirer's input would cut at the first. */
const askLines = async (question: Extract<QuestionOf<string>, { kind: 'lines' }>, output: Output): Promise<string | typeof BACK> => {
  const p = paint(output.colorErr);
  output.err(p.dim(`  ${question.hint}`));
  for (;;) {
    const shown = question.default === '' ? '' : p.dim(` (${question.default})`);
    const typed = await readLines(`${p.change('?')} ${p.head(question.text)}${shown} `, { many: true, keys: true });
    if (typed === BACK) return BACK;
    const answer = typed.trim() === '' ? question.default : typed;
    const wrong = question.check(answer);
    if (wrong === null) return answer;
    output.err(p.bad(`> ${wrong}`));
  }
};

/**
 * Draws a question on stderr and gives the answer, or BACK after Esc. Ctrl-C throws Interrupted.
 * inquirer is loaded when the first question is asked, and not at all on terminals that cannot redraw.
 */
export const askQuestion = async (question: QuestionOf<string>, output: Output): Promise<string | readonly string[] | typeof BACK> => {
  if (question.show) output.err(question.show);
  if (!output.live) return askPlainly(question, output);
  if (question.kind === 'lines') return askLines(question, output);
  const { default: inquirer } = await import('inquirer');
  const abort = new AbortController();
  const { stdin } = process;
  const onKey = (_text: string | undefined, key: { name?: string }): void => {
    if (key?.name === 'escape') abort.abort();
  };
  emitKeypressEvents(stdin);
  stdin.on('keypress', onKey);
  if (question.hint) output.err(paint(output.colorErr).dim(`  ${question.hint}`));
  try {
    const prompt = inquirer.createPromptModule({ input: stdin, output: process.stderr, signal: abort.signal });
    const { answer } = (await prompt([drawn(question, output) as never])) as { answer: string | string[] };
    return answer;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'AbortPromptError') return BACK;
    if (name === 'ExitPromptError') throw interrupted();
    throw error;
  } finally {
    stdin.off('keypress', onKey);
  }
};
