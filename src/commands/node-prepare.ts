import { type CarryOutOptions, carryOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';

export const run = (invocation: Invocation, nodes: string[], options: CarryOutOptions): Promise<number> =>
  carryOut(invocation, { verb: 'node prepare', playbook: 'prepare', nodes, planFile: null, options });
