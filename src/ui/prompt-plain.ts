import type { Choice, QuestionOf } from '../init/questions.ts';
import type { Output } from './output.ts';
import { BACK, readLines } from './prompt-lines.ts';

/** Numbers of choices: `1`, `1 3`, `1,3-4`; null when it is none of them. */
export const pickNumbers = (text: string, choices: readonly Choice[]): string[] | null => {
  const picked: string[] = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [, from, to] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    if (from === undefined) return null;
    for (let n = Number(from); n <= Number(to ?? from); n += 1) {
      const choice = choices[n - 1];
      if (!choice || choice.refused) return null;
      picked.push(choice.value);
    }
  }
  return [...new Set(picked)];
};

const listing = (choices: readonly Choice[], chosen: readonly string[]): string =>
  choices
    .map(
      ({ value, title, refused }, i) =>
        `${chosen.includes(value) ? '*' : ' '}${String(i + 1).padStart(3)}  ${title}${refused ? `  (not possible: ${refused})` : ''}`,
    )
    .join('\n');

const numbersOf = (choices: readonly Choice[], values: readonly string[]): string =>
  choices.flatMap(({ value }, i) => (values.includes(value) ? [`${i + 1}`] : [])).join(' ');

/** A question by lines and numbers, for terminals that cannot redraw. `<` goes back. */
export const askPlainly = async (question: QuestionOf<string>, output: Output): Promise<string | readonly string[] | typeof BACK> => {
  const { kind, text, hint } = question;
  const fallback = question.kind === 'one' ? [question.default] : question.kind === 'many' ? question.defaults : [];
  const shown = kind === 'text' || kind === 'lines' ? question.default : kind === 'secret' ? '' : numbersOf(question.choices, fallback);
  if (kind === 'one' || kind === 'many') output.err(listing(question.choices, fallback));
  if (hint) output.err(`  (${hint})`);
  for (;;) {
    const typed = await readLines(`${text}${shown ? ` [${shown}]` : ''} (< goes back): `, {
      many: kind === 'lines',
      secret: kind === 'secret',
      keys: false,
    });
    if (typed === BACK || (typed.trim() === '<' && kind !== 'secret')) return BACK;
    if (kind === 'secret') return typed;
    if (kind === 'text' || kind === 'lines') {
      const answer = typed.trim() === '' ? question.default : typed;
      const wrong = question.check(answer);
      if (wrong === null) return answer;
      output.err(`  ${wrong}`);
      continue;
    }
    const picked = typed.trim() === '' ? [...fallback] : pickNumbers(typed, question.choices);
    if (kind === 'one' && picked?.length === 1) return picked[0] ?? '';
    const wrong = kind === 'many' && picked ? question.check(picked) : `a number from 1 to ${question.choices.length} that is possible`;
    if (wrong === null && picked) return picked;
    output.err(`  ${wrong}`);
  }
};
