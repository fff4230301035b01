import { glusterSh } from '../../gluster/prelude.ts';
import { quiet } from '../../gluster/quick.ts';
import { sh } from '../../sh.ts';

/**
 * What scripts need to speak with gluster: g and gx of the prelude to have something done, and to look around
 *
 *   tell WORDS...  the answer as XML, whatever it says; leaves no line in gluster's log
 *   flat ELEMENT   an answer from stdin, each ELEMENT on a line of its own and nothing else
 */
export const gluster = sh`
  ${glusterSh}
  tell() { (quick; gluster --mode=script --xml --log-file=/dev/null "$@" 2>&1 </dev/null) | sed ${quiet}; }
  flat() { tr '\n' ' ' | sed "s/<$1[ >]/\n&/g" | grep "^<$1[ >]" || :; }`;
