import type { Fact, FactOutput } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** What a repository says when the node asks it. */
export type Offer =
  /** Not asked: it is written down on the node already, or there is nothing to ask. */
  | { state: 'known' }
  /** `keep`: address of another release that is written down now and is still there. */
  | { state: 'found'; uri: string; versions: readonly string[]; keep: string | null }
  | { state: 'failed'; tried: readonly { uri: string; why: readonly string[] }[] };

/** Each line is KEY VALUE: found, offers, keep; or tried and then why, for each address. Nothing at all: not asked. */
export const parseOffer = ({ stdout }: FactOutput): Offer => {
  const lines = stdout.split('\n').map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)] as const);
  const all = (key: string) => lines.filter(([word]) => word === key).map(([, rest]) => rest);
  const [found] = all('found');
  if (found !== undefined) return { state: 'found', uri: found, versions: all('offers'), keep: all('keep')[0] ?? null };
  const tried: { uri: string; why: string[] }[] = [];
  for (const [word, rest] of lines) {
    if (word === 'tried') tried.push({ uri: rest, why: [] });
    if (word === 'why') tried.at(-1)?.why.push(rest);
  }
  return tried.length === 0 ? { state: 'known' } : { state: 'failed', tried };
};

/** For a source that has no repository of its own. */
export const nothingToAsk: Fact<Offer> = { id: 'offer:none', read: sh`:`, parse: () => ({ state: 'known' }) };

/** All addresses that were tried, each with what it said. */
export const whatWasTried = (said: Extract<Offer, { state: 'failed' }>): string =>
  said.tried.map(({ uri, why }) => [`tried ${uri}`, ...why].join('\n')).join('\n');
