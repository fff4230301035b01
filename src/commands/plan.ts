import type { Invocation } from './invocation.ts';
import type { PlanOptions } from './planning.ts';
import { withSession } from './session.ts';

/** The steps take as long to load as a login does, so they are loaded meanwhile. */
export const run = (invocation: Invocation, options: PlanOptions): Promise<number> =>
  withSession(invocation, [], async (session) => {
    session.connect();
    const { planning } = await import('./planning.ts');
    return planning(invocation, session, options);
  });
