import { type Sh, sh } from '../sh.ts';

/** A `do` that ended well but whose effect is not there when looked at. */
export const NOT_IN_EFFECT = 119;
/** An `undo` that ended well while the change's effect is still there. */
export const STILL_IN_EFFECT = 120;
/** An `undo` that left something which harms nobody, such as a module that something else uses by now, and says on stderr what. */
export const KEPT = 121;
/** Another script of glusterctl's is still at work on the node. */
export const BUSY = 118;

/**
 * Runs `body` so that what it writes can be lost without harm: dpkg or mkfs would be ended in the middle of their work by
 * the first line that nobody reads any more, because the connection is gone. tee takes that line then, and goes on taking.
 * Exit code and both streams are the body's own. `exec 2>&6`, because a redirection of the list would have dash keep the
 * old stderr open in all that runs in it, and with it the connection, for as long as something in the background lives.
 */
const heardOrNot = (body: Sh): Sh => sh`
  taken() { trap '' PIPE; tee /dev/null 2>/dev/null; }
  exec 4>&1 5>&2
  c=$(
    {
      {
        (
          exec 2>&6
          (
          ${body}
          ) 3>&- 4>&- 5>&- 6>&- 8>&-
          echo "$?" >&3
        ) | taken >&4 3>&- 6>&-
      } 6>&1 | taken >&5 3>&-
    } 3>&1
  )
  exit "$c"`;

/**
 * Holds the node's change lock while `body` runs, for as long as `body` runs: a script whose connection was
 * cut goes on by itself, and no other run plans or acts beside it. Its children do not inherit the lock (8>&-).
 */
const alone = (body: Sh): Sh => sh`
  exec 8>>/run/glusterctl.change.lock
  flock -w 900 8 || exit ${BUSY}
  ${heardOrNot(body)}`;

/** One exec: the deed, and then whether it is in effect. `before`: what else has to be done, while nobody else is at work. */
export const doScript = (change: { do: Sh; verify: Sh }, before: Sh = sh`:`): string =>
  alone(sh`
    ${before}
    (
    ${change.do}
    )
    c=$?
    [ "$c" -eq 0 ] || exit "$c"
    (
    ${change.verify}
    ) || exit ${NOT_IN_EFFECT}`).text;

/** One exec: the undo, and then whether the change is really gone. */
export const undoScript = (entry: { undo: Sh; verify: Sh }): string =>
  alone(sh`
    (
    ${entry.undo}
    )
    c=$?
    [ "$c" -eq 0 ] || exit "$c"
    if (
    ${entry.verify}
    ) >/dev/null 2>&1; then exit ${STILL_IN_EFFECT}; fi`).text;
