import { RULES } from './problem-rules.ts';

/** Why gluster did not do or tell what it was asked. `text` is what it said itself. */
export interface Problem {
  code: ProblemCode;
  text: string;
  cause: string;
  /** What to do next. */
  remedy: string;
}

export type ProblemCode = (typeof RULES)[number][0] | 'unreadable' | 'unknown';

/** Puts a name to what gluster said. `unknown` keeps the text as it is: no cause is guessed. */
export const problem = (said: string): Problem => {
  const text = said.trim();
  const rule = RULES.find(([, pattern]) => pattern.test(text));
  if (rule) return { code: rule[0], text, cause: rule[2], remedy: rule[3] };
  return {
    code: 'unknown',
    text,
    cause: text === '' ? 'gluster gave no reason' : text,
    remedy: 'see /var/log/glusterfs/glusterd.log on that node',
  };
};
