import { setImmediate } from 'node:timers/promises';
import type { Invocation } from './invocation.ts';
import type { PlanOptions } from './planning.ts';
import { withSession } from './session.ts';

/** The steps take as long to load as a login does, so they are loaded meanwhile. */
export const run = (invocation: Invocation, options: PlanOptions): Promise<number> =>
  withSession(invocation, [], async (session) => {
    session.connect();
    // What is bundled is loaded in one go, and nothing would be dialled before.
    await setImmediate();
    const { planning } = await import('./planning.ts');
    return planning(invocation, session, options);
  });
