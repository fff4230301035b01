import type { Argument, Command, Option } from 'commander';

/** What may stand at the cursor. */
export interface Candidate {
  value: string;
  /** For shells that show one. */
  about: string;
}

export interface Candidates {
  list: readonly Candidate[];
  /** A path may stand here, too. */
  files: boolean;
}

/** What has to be looked up, and only when it is wanted. */
export interface Sources {
  nodes(config: string | null): readonly string[];
  runs(): readonly string[];
}

const NOTHING: Candidates = { list: [], files: false };
const named = (values: readonly string[]): Candidates => ({ list: values.map((value) => ({ value, about: '' })), files: false });

/** bash cuts words at `=`; the other shells leave `--flag=value` whole. */
const normal = (words: readonly string[]): string[] => {
  const out: string[] = [];
  words.forEach((word, i) => {
    const before = words[i - 1] ?? '';
    if (word === '=' && before.startsWith('--')) {
      if (i === words.length - 1) out.push('');
      return;
    }
    out.push(word);
  });
  return out;
};

const optionOf = (commands: readonly Command[], flag: string): Option | undefined =>
  commands.flatMap((c) => c.options).find((option) => option.long === flag || option.short === flag);

const takesValue = (option: Option | undefined): boolean => option?.required === true || option?.optional === true;

interface Place {
  /** The command that the words lead to, its parents last. */
  path: readonly Command[];
  /** Arguments that stand there already. */
  given: readonly string[];
  /** The option whose value is at the cursor. */
  option: Option | null;
  config: string | null;
}

const walk = (program: Command, words: readonly string[]): Place => {
  let path: Command[] = [program];
  let given: string[] = [];
  let option: Option | null = null;
  let config: string | null = null;
  for (const word of words) {
    if (option) {
      if (option.long === '--config') config = word;
      option = null;
      continue;
    }
    if (word.startsWith('-')) {
      const [flag = '', value] = word.split('=', 2);
      const found = optionOf(path, flag);
      if (value === undefined && takesValue(found)) option = found ?? null;
      else if (value !== undefined && found?.long === '--config') config = value;
      continue;
    }
    const child = given.length === 0 ? path[0]?.commands.find((c) => c.name() === word) : undefined;
    if (child) path = [child, ...path];
    else given = [...given, word];
  }
  return { path, given, option, config };
};

/** The last item of a list with commas; what stands before it stays. */
const listed = (typed: string, values: readonly string[]): Candidates => {
  const comma = typed.lastIndexOf(',') + 1;
  const before = typed.slice(0, comma);
  const used = new Set(before.split(','));
  return named(values.filter((value) => !used.has(value)).map((value) => `${before}${value}`));
};

const PATH_VALUE = /<(file|dir|path)>/;

const valuesOf = (option: Option, typed: string, place: Place, sources: Sources): Candidates => {
  if (option.argChoices) return named(option.argChoices);
  if (option.long === '--limit') return listed(typed, sources.nodes(place.config));
  if (option.long === '--confirm') return named(sources.nodes(place.config).map((name) => `${name}:`));
  if (option.flags.endsWith('<node>')) return named(sources.nodes(place.config));
  return { list: [], files: PATH_VALUE.test(option.flags) };
};

const argumentAt = ({ path, given }: Place): Argument | undefined => {
  const all = path[0]?.registeredArguments ?? [];
  return all[given.length] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
};

const argumentValues = (place: Place, sources: Sources): Candidates => {
  const argument = argumentAt(place);
  if (!argument) return NOTHING;
  if (argument.argChoices) return named(argument.argChoices);
  const name = argument.name();
  if (name === 'nodes' || name === 'node') return named(sources.nodes(place.config).filter((node) => !place.given.includes(node)));
  if (name === 'run') return named(sources.runs());
  return { list: [], files: name === 'plan' || name === 'file' };
};

const flagsOf = (path: readonly Command[]): Candidate[] => {
  const own = path.flatMap((command) => command.options.filter((o) => !o.hidden));
  const all = own.flatMap((o) => (o.long === undefined || o.long === null ? [] : [{ value: o.long, about: o.description }]));
  return [...new Map([...all, { value: '--help', about: 'show what it does' }].map((c) => [c.value, c])).values()];
};

const isShown = (command: Command): boolean => !command.name().startsWith('_');

const verbs = (command: Command | undefined): Candidate[] =>
  (command?.commands ?? []).filter(isShown).map((c) => ({ value: c.name(), about: c.description() }));

/** What may stand at the end of `words`, the last of which is being typed ('' when nothing of it is there yet). */
export const candidates = (program: Command, words: readonly string[], sources: Sources): Candidates => {
  const all = normal(words);
  const typed = all.at(-1) ?? '';
  const place = walk(program, all.slice(0, -1));
  const starting = (found: Candidates, part: string, prefix = ''): Candidates => ({
    files: found.files,
    list: found.list.filter(({ value }) => value.startsWith(part)).map((c) => ({ ...c, value: `${prefix}${c.value}` })),
  });
  if (place.option) return starting(valuesOf(place.option, typed, place, sources), typed);
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/.exec(typed) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = optionOf(place.path, flag);
    return option ? starting(valuesOf(option, value, place, sources), value, `${flag}=`) : NOTHING;
  }
  if (typed.startsWith('-')) return starting({ list: flagsOf(place.path), files: false }, typed);
  const children = place.given.length === 0 ? verbs(place.path[0]) : [];
  const rest = argumentValues(place, sources);
  return starting({ list: [...children, ...rest.list], files: rest.files }, typed);
};
