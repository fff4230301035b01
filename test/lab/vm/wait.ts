import { existsSync, readFileSync } from 'node:fs';
import { logOf, runningPid, waitForExit } from './machine.ts';
import { sleep } from './run.ts';
import { bootId, type ExecOptions, exec, type Login } from './ssh.ts';

interface Named {
  name: string;
  dir: string;
}

/** Three machines at once on two busy processors take a minute to boot; this is for a machine that never comes. */
const BOOT_LIMIT = 600_000;

/** The end of what the machine said on its serial console. */
export const logTail = (dir: string): string =>
  existsSync(logOf(dir)) ? readFileSync(logOf(dir), 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '(no log)';

/** Waits until root can log in, in another boot than `before`; gives the new boot id. A port that is open proves nothing. */
export const waitForLogin = async ({ name, dir }: Named, login: Login, before: string | null, limit = BOOT_LIMIT): Promise<string> => {
  const end = Date.now() + limit;
  for (;;) {
    const id = await bootId(login);
    if (id !== null && id !== before) return id;
    if (runningPid(dir) === null) throw new Error(`${name}: QEMU has ended; its console ended with:\n${logTail(dir)}`);
    if (Date.now() > end) throw new Error(`${name}: no login within ${limit / 1000} s; its console ended with:\n${logTail(dir)}`);
    await sleep(500);
  }
};

/** As `exec`, and fails unless the exit code is 0; gives stdout. */
export const mustExec = async ({ name }: Named, login: Login, script: string, options?: ExecOptions): Promise<string> => {
  const { stdout, stderr, code } = await exec(login, script, options);
  if (code === 0) return stdout;
  throw new Error(`${name}: exit ${code} of\n${script}\n${stderr.trim().slice(-2000)}\n${stdout.trim().slice(-1000)}`);
};

/** A clean shutdown; QEMU ends with it. */
export const powerOff = async (node: Named, login: Login): Promise<void> => {
  const pid = runningPid(node.dir);
  if (pid === null) return;
  await mustExec(node, login, 'systemctl --no-block poweroff');
  await waitForExit(node.dir, pid, 180_000);
};
