import { sh } from '../sh.ts';
import { MARK, UNIT_FILE } from './paths.ts';

/** True on a node whose glusterd has a unit of ours, which runs it in a container. */
export const contained = sh`grep -qsxF ${MARK} ${UNIT_FILE}`;
