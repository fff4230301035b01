import { examine, type Finding } from '../doctor/examine.ts';
import { EXIT } from '../errors.ts';
import { paint } from '../ui/paint.ts';
import type { Invocation } from './invocation.ts';

const word = ({ state }: Finding): string => ({ well: 'ok', remark: 'note', wrong: 'WRONG' })[state];

/** The operator's own side: nothing is asked of any node. */
export const run = async (invocation: Invocation): Promise<number> => {
  const { output, json } = invocation;
  const findings = await examine(invocation);
  const well = findings.every(({ state }) => state !== 'wrong');
  if (json) output.out(JSON.stringify({ v: 1, well, findings }, null, 2));
  else {
    const p = paint(output.colorOut);
    const color = { well: p.good, remark: p.warn, wrong: p.bad };
    for (const finding of findings) {
      const { state, of, text, next } = finding;
      output.out(`${color[state](word(finding).padEnd(5))} ${of}: ${text}${next ? `\n      next: ${next}` : ''}`);
    }
  }
  return well ? EXIT.ok : EXIT.refused;
};
