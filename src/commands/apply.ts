import { type CarryOutOptions, carryOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';

export const run = (invocation: Invocation, planFile: string | undefined, options: CarryOutOptions): Promise<number> =>
  carryOut(invocation, { verb: 'apply', playbook: 'apply', nodes: [], planFile: planFile ?? null, options });
