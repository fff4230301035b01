import { GlusterctlError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { PlannedChange } from '../model/plan.ts';
import { Sh, sh } from '../sh.ts';
import type { Attempt } from './attempt.ts';
import { anySignal, type RunContext } from './context.ts';
import { undoScript } from './script.ts';

/** One file for each change that waits to be confirmed: what the node is to run when it is not. */
export const GUARDS = '/run/glusterctl.guard';
/** The node was quicker: it has taken the change back, or is about to. */
const TAKEN_BACK = 117;
/** Seconds within which an undo has to end. */
const PATIENCE = 60;

/**
 * Has the node undo a change after a while, whatever becomes of this connection: by a timer of systemd, which no
 * logout ends, else by a process in the background. Whoever renames the file decides: the timer, or `disarm`.
 */
export const arm = ({ undo, verify }: Pick<PlannedChange, 'undo' | 'verify'>, seconds: number, id: string): Sh => {
  if (undo === 'nothing') throw new Error(`${id} is guarded and has no undo`);
  const file = `${GUARDS}/${id}`;
  const back = sh`
    mv -- ${file} ${`${file}.fired`} || exit 0
    (
    ${Sh.raw(undoScript({ undo, verify }))}
    )
    rm -f -- ${`${file}.fired`}`;
  return sh`
    (umask 077 && mkdir -p -- ${GUARDS} && printf '%s\n' ${back.text} >${`${file}.new`}) && mv -f -- ${`${file}.new`} ${file} || exit 1
    timer() { systemd-run --quiet "$@" --unit=${`glusterctl-guard-${id}`} --on-active=${seconds} --timer-property=AccuracySec=1s sh ${file}; }
    # --collect is not there before systemd 236.
    if ! timer --collect 2>/dev/null && ! timer 2>/dev/null; then
      (
        trap '' HUP
        sleep ${seconds}
        [ ! -e ${file} ] || sh ${file}
      ) </dev/null >/dev/null 2>&1 8>&- &
    fi`;
};

const disarm = (id: string): Sh => sh`
  mv -- ${`${GUARDS}/${id}`} ${`${GUARDS}/${id}.off`} 2>/dev/null || exit ${TAKEN_BACK}
  systemctl stop ${`glusterctl-guard-${id}.timer`} 2>/dev/null
  rm -f -- ${`${GUARDS}/${id}.off`}`;

/** Waits until the node has taken the change back. */
const takenBack = (id: string, seconds: number): Sh => sh`
  left=${seconds + PATIENCE}
  while [ -e ${`${GUARDS}/${id}`} ] || [ -e ${`${GUARDS}/${id}.fired`} ]; do
    [ "$left" -gt 0 ] || exit 1
    left=$((left - 1))
    sleep 1
  done`;

const tryOn = async (host: Host, script: Sh, signal: AbortSignal): Promise<{ code: number; said: string }> => {
  try {
    const { code, stderr } = await host.run(script.text, { signal });
    return { code, said: stderr.trim() };
  } catch (error) {
    if (signal.aborted) return { code: 255, said: 'no answer' };
    if (!(error instanceof GlusterctlError)) throw error;
    return { code: 255, said: error.message };
  }
};

/**
 * Logs in anew and tells the node to keep the change. null: it does. Else why not; by then the node has taken the
 * change back, as far as the old connection can still tell.
 */
export const confirm = async (ctx: RunContext, { node, guard }: PlannedChange, id: string): Promise<Attempt | null> => {
  if (!guard) return null;
  const began = performance.now();
  const fresh = ctx.afresh(node);
  const inTime = anySignal(ctx.cut, AbortSignal.timeout(guard.seconds * 1000));
  const { code, said } = await tryOn(fresh, disarm(id), inTime).finally(() => fresh.close());
  if (code === 0) return null;
  const old = ctx.hosts.get(node);
  const wait = anySignal(ctx.cut, AbortSignal.timeout((guard.seconds + PATIENCE) * 1000));
  const undone = old !== undefined && (await tryOn(old, takenBack(id, guard.seconds), wait)).code === 0;
  return {
    ok: false,
    code,
    stderr: [
      code === TAKEN_BACK ? `a new login took longer than ${guard.seconds} s` : `a new login failed: ${said || `exit ${code}`}`,
      undone
        ? 'so the node has taken the change back by itself'
        : `so the node takes the change back by itself, ${guard.seconds} s after it was made`,
    ],
    ms: Math.round(performance.now() - began),
  };
};
