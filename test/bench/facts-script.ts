import { factScript } from '../../src/facts/script.ts';
import { systemFacts } from '../../src/facts/system.ts';

/** The very script that `glusterctl facts` sends, for a peer that sends it by other means. */
export const factsOfAll = (): string => `{ ${factScript(Object.values(systemFacts()), 'bench0bench0bench0bench0')}\n} </dev/null\n`;
