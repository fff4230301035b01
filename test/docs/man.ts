import type { Argument, Command, Option } from 'commander';
import { VARIABLES } from '../../src/config/env.ts';
import { EXIT } from '../../src/errors.ts';

/** What each exit code means, for the man page and the docs. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done, or nothing to do',
  declined: 'you said no',
  usage: 'wrong usage: an unknown verb, flag, node or run',
  config: 'the cluster file is wrong or cannot be read',
  connect: 'a node could not be reached: connection, login or host key',
  failed: 'a change failed; what was undone is said',
  rollbackIncomplete: 'not all could be undone; what is left is said',
  refused: 'refused: a preflight check, consent that is missing, a stale plan, or a question without a terminal',
  locked: 'another run works on one of the nodes',
  unhealthy: 'status: not healthy; k8s check: a claim waits or is not mounted',
  pending: 'plan --detailed-exitcode: changes are pending',
  bug: 'a bug in glusterctl; the log file and where to report it are named',
  interrupted: 'interrupted (Ctrl-C)',
  terminated: 'terminated (SIGTERM)',
};

/** Text of a line: the characters that roff would act on are escaped. man(7) */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replace(/^\./, '\\&.');

const bold = (text: string): string => `\\fB${plain(text)}\\fR`;
const tagged = (tag: string, text: string): string[] => ['.TP', tag, plain(text)];

const defaultText = ({ defaultValue, argChoices }: Option): string => {
  const choices = argChoices ? ` (${argChoices.join(', ')})` : '';
  return typeof defaultValue === 'string' ? `${choices} Default: ${defaultValue}.` : choices;
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.:;]$/.test(text) ? '' : '.'}`;

const optionLines = (options: readonly Option[]): string[] =>
  options.filter((o) => !o.hidden).flatMap((o) => tagged(bold(o.flags), `${sentence(o.description)}${defaultText(o)}`));

const argumentText = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `\\fI${plain(name)}\\fR` : `[\\fI${plain(name)}\\fR]`;
};

const fullName = (command: Command): string => (command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name());

const verbLines = (command: Command, examples: readonly string[]): string[] => [
  `.SS ${plain(fullName(command).replace(/^glusterctl /, ''))}`,
  `${bold(fullName(command))} ${[...command.registeredArguments.map(argumentText), '[\\fIoptions\\fR]'].join(' ')}`,
  '.PP',
  plain(sentence(command.description())),
  ...optionLines(command.options),
  ...(examples.length > 0 ? ['.PP', 'Examples:', '.PP', '.RS 4', '.nf', ...examples.map((line) => plain(`$ ${line}`)), '.fi', '.RE'] : []),
];

/** The man page of all verbs, in the order of `--help`. `version` stands in its footer. */
export const manPage = (program: Command, examplesOf: ReadonlyMap<Command, readonly string[]>, version: string): string =>
  `${[
    '.\\" Made by `npm run docs` from the command tree in src/cli.ts.',
    `.TH GLUSTERCTL 1 "" "glusterctl ${version}" "User Commands"`,
    '.SH NAME',
    'glusterctl \\- from bare Linux hosts to a healthy GlusterFS pool',
    '.SH SYNOPSIS',
    `${bold('glusterctl')} [\\fIoptions\\fR] \\fIverb\\fR [\\fIarguments\\fR]`,
    '.SH DESCRIPTION',
    plain(
      'glusterctl takes Linux hosts to a healthy GlusterFS pool from one cluster.yaml, over SSH. Every step is shown before it is done, and undone on request.',
    ),
    '.PP',
    plain(
      'Results go to stdout, everything else to stderr. Without a terminal nothing is ever asked: what would need an answer is refused with exit code 7, and the text names the flag to give.',
    ),
    '.SH OPTIONS',
    'These may be given with every verb.',
    ...optionLines(program.options),
    '.SH VERBS',
    ...[...examplesOf].flatMap(([command, examples]) => verbLines(command, examples)),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([name, code]) => tagged(bold(`${code}`), sentence(EXIT_MEANING[name as keyof typeof EXIT]))),
    '.SH ENVIRONMENT',
    ...Object.entries(VARIABLES).flatMap(([name, text]) => tagged(bold(name), sentence(text))),
    ...tagged(bold('SSH_AUTH_SOCK'), 'The SSH agent.'),
    ...tagged(
      bold('NO_COLOR, FORCE_COLOR, TERM, COLUMNS, LC_ALL, LC_CTYPE, LANG'),
      'What the output may use: colours, width, letters beyond ASCII.',
    ),
    ...tagged(
      bold('GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE'),
      'In a GitHub job errors become annotations, and the result is added to the page of the job.',
    ),
    '.SH FILES',
    ...tagged(bold('cluster.yaml'), 'The cluster file. glusterctl init writes one, glusterctl schema prints its JSON Schema.'),
    ...tagged(bold('~/.local/state/glusterctl'), 'Journals and logs of all runs, host keys that were accepted, signing keys.'),
    '.SH SEE ALSO',
    plain('gluster(8), ssh_config(5)'),
  ].join('\n')}\n`;
