import { StringDecoder } from 'node:string_decoder';

export interface Output {
  push(chunk: Buffer): void;
  /** No more is coming: an unfinished last line is a line. */
  end(): void;
  /** The mark was seen. */
  readonly begun: boolean;
  /** What stands before the mark. */
  readonly before: string;
  /** What stands after it. */
  readonly text: string;
}

/** One stream of a script as it arrives: UTF-8 over chunk borders, whole lines, everything before the mark set apart. */
export const output = (mark: string, onLine?: (line: string) => void): Output => {
  const decoder = new StringDecoder('utf8');
  const line = `${mark}\n`;
  let before = '';
  let begun = false;
  const pieces: string[] = [];
  let partial: string[] = [];

  const lines = (text: string): void => {
    if (!onLine) return;
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      partial.push(text.slice(from, at));
      onLine(partial.join(''));
      partial = [];
      from = at + 1;
    }
    if (from < text.length) partial.push(text.slice(from));
  };

  const take = (text: string): void => {
    if (text === '') return;
    if (begun) {
      pieces.push(text);
      lines(text);
      return;
    }
    before += text;
    const at = before.indexOf(line);
    if (at === -1) return;
    begun = true;
    const rest = before.slice(at + line.length);
    before = before.slice(0, at);
    take(rest);
  };

  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (partial.length > 0) onLine?.(partial.join(''));
      partial = [];
    },
    get begun() {
      return begun;
    },
    get before() {
      return before;
    },
    get text() {
      return pieces.join('');
    },
  };
};
