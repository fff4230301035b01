import { ConfigError } from '../errors.ts';

/** Keys and positions from the top of the file: ['nodes', 1, 'disks', 0, 'use']. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a cluster file. Plain data: `validate --json` prints it as it is. */
export interface ConfigProblem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** Such as nodes[1].disks[0].use; '' for the file as a whole. */
  path: string;
  message: string;
  /** What stands in the file; null where nothing does, or where the line says it. */
  found: string | null;
  allowed: string | null;
  /** What was probably meant, or what to do. */
  suggestion: string | null;
  /** The line, and how much of it from `column` on is meant. */
  source: string;
  width: number;
}

export const pathText = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');

/** Control and direction characters are replaced: the text of a file must not steer the terminal that shows it. */
const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => (char === '\t' ? '\t' : '\ufffd'));

const WINDOW = 110;

/** The line with a caret under what is meant; of a long line the part around it. */
const excerpt = ({ line, column, source, width }: ConfigProblem): string[] => {
  const from = column + Math.min(width, 40) > WINDOW ? Math.max(0, column - 1 - WINDOW / 2) : 0;
  const part = visible(source.slice(from, from + WINDOW));
  const before = part.slice(0, column - 1 - from).replaceAll(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(width, part.length - before.length)));
  const gutter = String(line).padStart(5);
  return [`${gutter} | ${part}`, `${' '.repeat(gutter.length)} | ${before}${carets}`];
};

const one = (problem: ConfigProblem): string => {
  const { file, line, column, path, message, found, allowed, suggestion } = problem;
  return [
    `${visible(file)}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`,
    ...excerpt(problem),
    ...(found === null ? [] : [`        found: ${found}`]),
    ...(allowed === null ? [] : [`      allowed: ${allowed}`]),
    ...(suggestion === null ? [] : [`         hint: ${suggestion}`]),
  ]
    .map(visible)
    .join('\n');
};

/** All problems as text, an empty line between two. */
export const formatProblems = (problems: readonly ConfigProblem[]): string => problems.map(one).join('\n\n');

/** The cluster file is wrong. Holds everything that is, in the order of the file. */
export class ClusterFileError extends ConfigError {
  readonly problems: readonly ConfigProblem[];
  constructor(file: string, problems: readonly ConfigProblem[]) {
    super({ what: `${file} has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}`, why: formatProblems(problems) });
    this.problems = problems;
  }
}
