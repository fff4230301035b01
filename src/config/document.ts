import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { ConfigProblem, Path } from './problem.ts';

/** Where something stands: the line itself, and how much of it from `column` on is meant. */
export type Place = Pick<ConfigProblem, 'line' | 'column' | 'source' | 'width'>;

/** Something wrong with the text itself, before it is known what it means. */
export interface TextProblem {
  place: Place;
  message: string;
  suggestion: string | null;
}

export interface YamlFile {
  data: unknown;
  problems: readonly TextProblem[];
  /** The problems are such that the rest of the file cannot be judged. */
  broken: boolean;
  /** The key or value at a path; where there is none, what should have held it. */
  place(path: Path, at: 'key' | 'value'): Place;
  /** A plain scalar as it is written: `10.10` for the number 10.1. */
  written(path: Path): string | null;
}

/** A cluster of 1000 nodes has about 200 kB. */
const LIMIT = 4 * 1024 * 1024;

/** What the yaml library's codes mean in words of this file; others keep the library's text. */
const MEANING: Readonly<Record<string, readonly [message: string, hint: string | null]>> = {
  DUPLICATE_KEY: ['this key stands here twice', 'keep one of the two'],
  TAB_AS_INDENT: ['the line is indented by a tab', 'indent by spaces: YAML takes no tabs there'],
  MULTIPLE_DOCS: [
    'a second document begins here',
    'a cluster file is one document: remove the "---" and what follows, or put it into a file of its own',
  ],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply', null],
  BLOCK_AS_IMPLICIT_KEY: ['a second "key: value" stands on the same line', 'start a new line, or put text that holds ": " in quotes'],
  BAD_SCALAR_START: ['a value cannot begin with this character', 'put the value in quotes'],
  TAG_RESOLVE_FAILED: ['tags (words that begin with "!") are not used here', 'put the value in quotes, or remove the tag'],
};

type AnyPair = Pair<Node | null, Node | null>;

/** The password in a URL, `*` for each character: a line of the file may end in a log. */
export const masked = (text: string): string =>
  text.replaceAll(/(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g, (_, before: string, secret: string) => before + '*'.repeat(secret.length));

/** Where a text's nodes stand. */
const placesOf = (doc: Document.Parsed, text: string, lines: LineCounter) => {
  const bom = text.startsWith('\ufeff') ? 1 : 0;

  const span = (from: number, to: number): Place => {
    const { line, col } = lines.linePos(from);
    if (line === 0) return { line: 1, column: 1, source: '', width: 1 };
    const start = (lines.lineStarts[line - 1] ?? 0) + (line === 1 ? bom : 0);
    const source = masked(/[^\r\n]*/.exec(text.slice(start))?.[0] ?? '');
    const column = Math.max(1, line === 1 ? col - bom : col);
    return { line, column, source, width: Math.max(1, Math.min(to - from, source.length - column + 1)) };
  };
  const spanOf = (node: Node | null | undefined): Place => (node?.range ? span(node.range[0], node.range[1]) : span(0, 0));
  const deref = (node: Node | null | undefined): Node | null | undefined => (isAlias(node) ? node.resolve(doc) : node);

  /** The key and value nodes at a path, and how many of its steps were there. */
  const walk = (path: Path): { key: Node | null; value: Node | null | undefined; depth: number } => {
    let key: Node | null = null;
    let value: Node | null | undefined = doc.contents;
    for (const [depth, step] of path.entries()) {
      const holder = deref(value);
      const pair = isMap(holder) ? (holder.items as AnyPair[]).find((item) => isScalar(item.key) && item.key.value === step) : undefined;
      const item = isSeq(holder) && typeof step === 'number' ? (holder.items[step] as Node | undefined) : undefined;
      if (pair === undefined && item === undefined) return { key, value, depth };
      key = pair?.key ?? null;
      value = pair === undefined ? item : pair.value;
    }
    return { key, value, depth: path.length };
  };

  const place = (path: Path, at: 'key' | 'value'): Place => {
    const { key, value, depth } = walk(path);
    const whole = isCollection(value) && !value.flow;
    const empty = value === null || value === undefined || (isScalar(value) && value.source === '');
    if (key !== null && (at === 'key' || depth < path.length || whole || empty)) return spanOf(key);
    // An item of a list has no key: its first line stands for it.
    const first = isMap(value) && whole ? value.items[0]?.key : isSeq(value) && whole ? value.items[0] : value;
    return spanOf((first ?? value ?? key) as Node | null);
  };

  const written = (path: Path): string | null => {
    const { value, depth } = walk(path);
    const node = deref(value);
    return depth === path.length && isScalar(node) && node.type === 'PLAIN' ? (node.source ?? null) : null;
  };

  return { span, spanOf, place, written };
};

/** What a cluster file may not hold although YAML may: keys that are no text, aliases that lead nowhere or to themselves. */
const oddities = (doc: Document.Parsed, spanOf: (node: Node | null) => Place): TextProblem[] => {
  const problems: TextProblem[] = [];
  visit(doc, {
    Alias: (_, alias: Alias) => {
      const anchor = alias.resolve(doc);
      const at = alias.range?.[0] ?? 0;
      const within = anchor?.range && anchor.range[0] <= at && at < anchor.range[2];
      if (anchor === undefined)
        problems.push({ place: spanOf(alias), message: `no anchor &${alias.source} stands before this`, suggestion: null });
      else if (within)
        problems.push({ place: spanOf(alias), message: `*${alias.source} stands within what it stands for`, suggestion: null });
    },
    Pair: (_, pair) => {
      const { key, value } = pair as AnyPair;
      if (isScalar(key) && typeof key.value === 'string' && key.value !== '__proto__') return;
      problems.push({
        place: spanOf(key ?? value),
        message: 'this cannot be a key',
        suggestion: 'put it in quotes if it is meant as text',
      });
    },
  });
  return problems;
};

const fromYaml = (error: YAMLError, span: (from: number, to: number) => Place): TextProblem => {
  const [message, suggestion] = MEANING[error.code] ?? [`this is not YAML: ${error.message}`, null];
  return { place: span(error.pos[0], error.pos[1]), message, suggestion };
};

/** Reads YAML 1.2 and remembers where everything stands. Never throws. */
export const readYaml = (text: string): YamlFile => {
  const lines = new LineCounter();
  const doc = parseDocument(text.length > LIMIT ? '' : text, { lineCounter: lines, logLevel: 'error', prettyErrors: false });
  const { span, spanOf, place, written } = placesOf(doc, text, lines);
  const start = span(0, 0);
  const broken = (...problems: TextProblem[]): YamlFile => ({ data: undefined, problems, broken: true, place, written });

  if (text.length > LIMIT)
    return broken({ place: start, message: 'the file is larger than 4 MiB, so it is no cluster file', suggestion: null });
  // After the first syntax error the rest is the parser's guesswork. A key that stands twice is no syntax error.
  const syntax = doc.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  if (syntax)
    return broken(...doc.errors.filter((error) => error.code === 'DUPLICATE_KEY' || error === syntax).map((e) => fromYaml(e, span)));
  const mild = [...doc.errors, ...doc.warnings].map((error) => fromYaml(error, span));
  if (doc.contents === null || (isScalar(doc.contents) && doc.contents.value === null)) {
    return broken({ place: start, message: 'the file is empty', suggestion: '`glusterctl init` writes one' });
  }
  const odd = oddities(doc, spanOf);
  if (odd.length > 0) return broken(...mild, ...odd);
  try {
    return { data: doc.toJS(), problems: mild, broken: false, place, written };
  } catch {
    // The library gives up at 100 copies of one anchor, nested ones multiplied.
    return broken({
      place: start,
      message: 'anchors and aliases (&name and *name) multiply to too much',
      suggestion: 'write out what they stand for',
    });
  }
};
