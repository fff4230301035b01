import { sh } from '../sh.ts';

/** Releases of Python 3 in which a setting that cannot be read ends the program with exit code 1; before, it aborted and left a core dump. */
const FROM = 8;
const TO = 19;

/**
 * Defines `quick`: from then on in this shell, `gluster` starts without its Python. At every start gluster runs `gsyncd --version`
 * to learn whether it shall offer the commands of geo-replication, which are never used here: 43 ms of processor time of the 52
 * that `volume info` costs (glusterfs 10.3, cli_cmd_volume_register). A Python that is told a hash seed that is none ends before it
 * has loaded anything, and gluster goes on without those commands. It says so on stderr: see `quiet`.
 *
 * Call it in a sub-shell that runs nothing else with Python in it. Where Python is older, or of a name not looked for, nothing changes.
 */
export const quickSh = sh`
  is_new() {
    for v in ${Array.from({ length: TO - FROM + 1 }, (_, i) => FROM + i)}; do [ ! "$1" -ef "/usr/bin/python3.$v" ] || return 0; done
    return 1
  }
  quick() {
    is_new /usr/bin/python3 || return 0
    [ ! -e /usr/libexec/platform-python ] || is_new /usr/libexec/platform-python || return 0
    export PYTHONHASHSEED=none
  }`;

/** What Python says when `quick` has ended it, for `sed -e`: no answer of gluster has such a line. */
export const quiet = sh`-e '/^Fatal Python error: /d' -e '/^Python runtime state: /d' -e '/^Current thread 0x/d' -e '/^ *<no Python frame>$/d' -e '/^$/d'`;
