import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/**
 * Paths of the bricks of a volume whose process runs on this node. `volume status` is not asked for it: it takes the
 * lock of the volume, so that of several nodes asked at once all but one refuse (glusterfs 10.3). One process may serve
 * several bricks.
 */
export const bricksRunning = (volume: string, paths: readonly string[]): Fact<ReadonlySet<string>> => {
  const asked = [...new Set(paths)].sort();
  return {
    id: `bricks-running:${volume}:${asked.join(' ')}`,
    read: sh`
      run() {
        for f in /run/gluster/vols/${volume}/*"$1".pid /var/lib/glusterd/vols/${volume}/run/*"$1".pid; do
          [ -s "$f" ] && read -r pid <"$f" && read -r is <"/proc/$pid/comm" && [ "$is" = glusterfsd ] && echo "$2"
        done
      }
      ${asked.map((path) => sh`run ${path.replaceAll('/', '-')} ${path};`)}`,
    parse: ({ stdout }) => new Set(stdout.split('\n').filter(Boolean)),
  };
};
