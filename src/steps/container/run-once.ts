import { type Engine, programOf } from '../../container/paths.ts';
import { type Sh, sh } from '../../sh.ts';

/**
 * Runs `script` in a container of the image that is gone afterwards. Neither the image's own entrypoint nor a network: nothing of
 * it is to run yet. No limit of processes either: an engine sets one by default, which needs a controller that not every host has.
 */
export const runOnce = (engine: Engine, image: string, script: string, ...options: readonly string[]): Sh =>
  sh`timeout 120 ${programOf(engine)} run --rm --pull=never --network none --pids-limit=-1 --user 0:0 --entrypoint /bin/sh ${options} ${image} -c ${script}`;
