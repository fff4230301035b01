import { type Sh, sh } from '../sh.ts';
import { quickSh, quiet } from './quick.ts';

/** How often a command is tried while another one holds the lock of the pool: with the pauses below about 70 s. */
export const LOCK_TRIES = 10;

/**
 * Two functions for scripts on nodes. Put it before the first use, after `set -eu`.
 *
 *   g WORDS...    runs gluster, silent when it worked, else its reason on stderr and status 1
 *   gx WORDS...   the same, and prints the XML answer on stdout
 *
 * gluster's own exit code says nothing with --xml (0 for a refused command, glusterfs 10.3), so opRet decides; detach
 * answers 1, not -1, when it refuses. A probe that finds the peer on its way out "succeeds" with opErrno 11: that is
 * waited for like a lock. Nothing else is ever repeated: after a timeout the command may have been carried out.
 */
export const glusterSh: Sh = sh`
  ${quickSh}
  gx() {
    gl_try=1
    while :; do
      gl_xml=$(quick; gluster --mode=script --xml "$@" 2>&1 </dev/null) || :
      gl_ret=$(printf '%s\n' "$gl_xml" | sed -n 's:^.*<opRet>\(-*[0-9][0-9]*\)</opRet>.*$:\1:p')
      gl_err=$(printf '%s\n' "$gl_xml" | sed -n 's:^.*<opErrno>\(-*[0-9][0-9]*\)</opErrno>.*$:\1:p')
      case $gl_ret:$gl_err:$* in
        0:11:'peer probe '*) gl_again=yes ;;
        0:*)
          printf '%s\n' "$gl_xml"
          return 0 ;;
        *)
          case $gl_xml in
            *'Another transaction '*'in progress'* | *'Locking failed'*) gl_again=yes ;;
            *) gl_again=no ;;
          esac ;;
      esac
      if [ "$gl_again" = no ] || [ "$gl_try" -ge ${LOCK_TRIES} ]; then break; fi
      gl_pause=$((gl_try * 2))
      [ "$gl_pause" -le 10 ] || gl_pause=10
      sleep "$gl_pause"
      gl_try=$((gl_try + 1))
    done
    gl_said=$(printf '%s\n' "$gl_xml" | sed -n -e '/<opErrstr>/{' -e ':a' -e '/<\/opErrstr>/!{' -e 'N' -e 'ba' -e '}' -e 's/^.*<opErrstr>\(.*\)<\/opErrstr>.*$/\1/p' -e '}')
    [ -n "$gl_said" ] || gl_said=$(printf '%s\n' "$gl_xml" | sed -n 's:^.*<output>\(.*\)</output>.*$:\1:p')
    [ -n "$gl_said" ] || gl_said=$(printf '%s\n' "$gl_xml" | sed -e '/^<?xml/d' ${quiet} -e '/^ *<[a-zA-Z/]/d')
    printf 'gluster %s: %s\n' "$*" "$(printf '%s\n' "$gl_said" | sed -e 's/&lt;/</g' -e 's/&gt;/>/g' -e "s/&apos;/'/g" -e 's/&quot;/"/g' -e 's/&amp;/\&/g')" >&2
    return 1
  }
  g() { gl_ignored=$(gx "$@"); }`;
