/** What was printed between the two lines of one frame, byte for byte, and the exit code of what printed it. */
export interface Frame {
  name: string;
  /** T: given up, so that neither text nor code say anything. */
  end: 'E' | 'T';
  text: string;
  code: number;
}

/**
 * Frames: "\nMARK B name\n", then what was printed, then "\nMARK E name code\n" or "\nMARK T name code\n". Content cannot know
 * the mark, so it cannot fake a frame; one that is not whole is none.
 */
export function* frames(stdout: string, mark: string): Generator<Frame> {
  const line = `\n${mark} `;
  let begun: { name: string; from: number } | null = null;
  for (let at = stdout.indexOf(line); at !== -1; at = stdout.indexOf(line, at + 1)) {
    const end = stdout.indexOf('\n', at + 1);
    if (end === -1) return;
    const [kind, name = '', code = ''] = stdout.slice(at + line.length, end).split(' ');
    if (kind === 'B') begun = { name, from: end + 1 };
    if ((kind !== 'E' && kind !== 'T') || begun?.name !== name) continue;
    yield { name, end: kind, text: stdout.slice(begun.from, at), code: Number(code) };
    begun = null;
  }
}
