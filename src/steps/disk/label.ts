import { type Sh, sh } from '../../sh.ts';

/** The type that SELinux's policy gives to bricks: glusterd_selinux(8). */
export const BRICK_TYPE = 'glusterd_brick_t';

/** A dot in a path is any character in semanage's patterns. */
const pattern = (mount: string): string => `${mount.replace(/[.+]/g, '\\$&')}(/.*)?`;

/** semanage keeps the label for a relabelling of the whole system; without it the files alone carry it. */
export const label = (mount: string): Sh => sh`
  set -eu
  p=${mount}
  if command -v semanage >/dev/null && command -v restorecon >/dev/null; then
    semanage fcontext -a -t ${BRICK_TYPE} ${pattern(mount)} || semanage fcontext -m -t ${BRICK_TYPE} ${pattern(mount)}
    restorecon -RF -- "$p"
  else
    chcon -R -t ${BRICK_TYPE} -- "$p"
  fi`;

export const isLabelled = (mount: string): Sh => sh`[ "$(stat -c %C -- ${mount} | cut -d : -f 3)" = ${BRICK_TYPE} ]`;

/** The filesystem goes with its labels; what stays behind is the rule. */
export const unlabel = (mount: string): Sh => sh`
  if command -v semanage >/dev/null && semanage fcontext -l -C | grep -qF ${pattern(mount)}; then
    semanage fcontext -d ${pattern(mount)}
  fi
  [ ! -d ${mount} ] || restorecon -RF -- ${mount}`;
