import { readFileSync } from 'node:fs';

export interface Block {
  /** The word behind the opening fence. */
  language: string;
  text: string;
}

/** The fenced blocks of a Markdown file, in order. */
export const blocksOf = (path: string): Block[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text }));

/** The `$ glusterctl ...` lines of the console blocks, as arguments. */
export const commandsOf = (blocks: readonly Block[]): string[][] =>
  blocks
    .filter((block) => block.language === 'console')
    .flatMap((block) => [...block.text.matchAll(/^\$ glusterctl (.+)$/gm)].map(([, line = '']) => line.trim().split(/\s+/)));
