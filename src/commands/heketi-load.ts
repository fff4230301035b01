import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { heketiServer } from './heketi-node.ts';
import type { Invocation } from './invocation.ts';

export const run = async (invocation: Invocation, options: CarryOutOptions): Promise<number> => {
  await heketiServer(invocation);
  return carryOut(invocation, { verb: 'heketi load', playbook: 'heketi', nodes: [], planFile: null, options });
};
