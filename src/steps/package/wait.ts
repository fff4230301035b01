import { type Sh, sh } from '../../sh.ts';

/** Seconds that somebody else's work on the packages is waited for. */
export const LOCK_SECONDS = 120;

interface Locks {
  /** For the message: "apt or dpkg". */
  of: string;
  /** Files that are locked by fcntl(2). */
  files: readonly string[];
  /** Files that hold the number of the process, which may be gone. */
  pids?: readonly string[];
}

/** Waits until nobody holds these locks, and says who does when that takes too long. */
export const waitFor = ({ of, files, pids = [] }: Locks): Sh => sh`
  holder() {
    for lock in ${files}; do
      inode=$(stat -c %i -- "$lock" 2>/dev/null) || continue
      awk -v inode="$inode" '$2 == "POSIX" && $4 == "WRITE" { split($6, at, ":"); if (at[3] == inode) print $5 }' /proc/locks
    done | sed q
    for file in ${pids}; do
      if [ -s "$file" ] && pid=$(sed q "$file") && [ -d "/proc/$pid" ]; then echo "$pid"; fi
    done | sed q
  }
  waited=0
  while pid=$(holder | sed q) && [ -n "$pid" ]; do
    if [ "$waited" -ge ${LOCK_SECONDS} ]; then
      echo ${`${of} is locked, for more than ${LOCK_SECONDS} s now, by`} "process $pid ($(cat "/proc/$pid/comm" 2>/dev/null || echo 'it is not seen from here'))" >&2
      exit 1
    fi
    [ "$waited" -gt 0 ] || echo ${`waiting for process`} "$pid, which holds the lock of" ${of}
    sleep 2
    waited=$((waited + 2))
  done`;
