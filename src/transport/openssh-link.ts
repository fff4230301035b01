import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { ConnectError } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import { type Askpass, askpass } from './askpass.ts';
import { lost, noAnswer } from './failure.ts';
import { ensureOwn } from './host-keys.ts';
import type { Command, Link } from './link.ts';
import { opensshAnswers } from './openssh-answers.ts';
import { sshArgs } from './openssh-args.ts';
import { Denied, opensshError } from './openssh-error.ts';
import { socketFolder } from './openssh-folder.ts';
import { CONNECT_TIMEOUT } from './options.ts';
import { runProgram } from './process.ts';
import type { Shared } from './shared.ts';
import { chain, ownKnownHosts, placeOf, resolveTarget, type Target } from './target.ts';

interface Door {
  target: Target;
  dir: string;
  control: string;
  hopLog: string;
}

/** This machine's own ssh program, one master connection for all commands of a node. */
export const opensshLink = (node: Node, shared: Shared): Link => {
  const { options } = shared;
  const ms = options.connectTimeout ?? CONNECT_TIMEOUT;
  let door: Promise<Door> | null = null;
  let asking: Promise<Askpass> | null = null;
  let asks = false;
  /** The first command connects; the others wait until it is through. */
  let first: Promise<boolean> | null = null;
  /** sshd's MaxSessions. What it refuses nevertheless, ssh opens a connection of its own for. */
  const sessions = pLimit(10);

  const open = (): Promise<Door> => {
    door ??= (async () => {
      const target = await resolveTarget(node, shared.config, options);
      await ensureOwn(ownKnownHosts(options.stateDir));
      const dir = await socketFolder();
      return { target, dir, control: join(dir, 'c'), hopLog: join(dir, 'hops') };
    })();
    door.catch(() => {
      door = null;
    });
    return door;
  };

  const asker = opensshAnswers(node.name, shared);

  const alive = async ({ target, control }: Door): Promise<boolean> => {
    const { signal } = new AbortController();
    const check = ['ssh', '-O', 'check', '-o', `ControlPath=${control}`, '--', target.asked.host];
    const { code } = await runProgram(check, { input: '', onData: () => {}, signal });
    return code === 0;
  };

  /** One ssh. `onBegun` is called when the command's own output begins. */
  const once = async (at: Door, command: Command, onBegun: () => void): Promise<number> => {
    const { target, control, hopLog } = at;
    // ssh gives 255 also for a command that a signal ended; a shell around it gives 128 + n.
    const remote = [...command.words.map((w) => (w === '' ? '""' : w))].join(' ');
    const args = [
      ...sshArgs(target, control, hopLog, { stateDir: options.stateDir, timeout: Math.ceil(ms / 1000), asks }),
      '--',
      target.asked.host,
    ];
    const cut = new AbortController();
    const stop = (): void => cut.abort(command.signal.reason);
    command.signal.addEventListener('abort', stop, { once: true });
    if (command.signal.aborted) stop();
    let said = '';
    let begun = false;
    let late = false;
    // ssh has limits of time of its own, one for each jump host: this is the last resort.
    const timer = asks
      ? undefined
      : setTimeout(() => {
          late = true;
          cut.abort();
        }, ms * 3);
    asker.begin();
    if (asks) asking ??= askpass(at.dir, asker.answer);
    const helper = await asking;
    try {
      const { code, failed } = await runProgram(
        ['ssh', ...args, `sh -c '${remote}; exit $?'`],
        {
          input: command.input,
          signal: cut.signal,
          onData: (stream, chunk) => {
            if (stream === 'stdout' && !begun) {
              begun = true;
              clearTimeout(timer);
              onBegun();
            }
            if (stream === 'stderr') said = (said + chunk.toString('utf8')).slice(-8000);
            command.onData(stream, chunk);
          },
        },
        { LC_ALL: 'C', SHELL: '/bin/sh', ...helper?.exports },
      );
      if (late) throw noAnswer(placeOf(target), 'ssh', ms * 3);
      if (failed !== null && code === 128) throw new ConnectError({ what: 'cannot start ssh on this machine', why: failed });
      if (code === 127 && !begun && /ssh['’]?: (No such file|not found)/.test(said))
        throw new ConnectError({ what: 'this machine has no ssh program', next: 'install the OpenSSH client, or set ssh.transport: ssh2' });
      if (code !== 255) return code;
      if (begun) {
        if (await alive(at)) return code;
        first = null;
        throw lost(placeOf(target), said.trim().split('\n').at(-1) || 'ssh has ended');
      }
      const hops = await readFile(hopLog, 'utf8').catch(() => '');
      await rm(hopLog, { force: true });
      if (hops.trim() === '') throw opensshError(placeOf(target), said);
      const error = opensshError(chain(target.via).join(' or '), hops);
      // Which of them said it stands in ssh's own words only.
      throw new (error.constructor as typeof ConnectError)({ ...error.report, what: `jump host: ${error.report.what}` });
    } finally {
      clearTimeout(timer);
      command.signal.removeEventListener('abort', stop);
    }
  };

  const withAnswers = async (at: Door, command: Command, onBegun: () => void): Promise<number> => {
    try {
      return await once(at, command, onBegun);
    } catch (error) {
      asker.check();
      if (asks || !asker.possible || !(error instanceof Denied)) throw error;
      // Nothing was run. The second time ssh may ask.
      asks = true;
      return once(at, command, onBegun).catch((again) => {
        asker.check();
        throw again;
      });
    }
  };

  return {
    async open() {
      const { target } = await open();
      return { root: target.user === 'root', user: target.user };
    },
    exec: (command) =>
      sessions(async () => {
        const at = await open();
        command.signal.throwIfAborted();
        while (first) if (await first) return withAnswers(at, command, () => {});
        let through: (connected: boolean) => void = () => {};
        first = new Promise((resolve) => {
          through = resolve;
        });
        try {
          const code = await withAnswers(at, command, () => through(true));
          through(true);
          return code;
        } catch (error) {
          first = null;
          through(false);
          throw error;
        }
      }),
    async close() {
      if (door === null) return;
      const at = await door.catch(() => null);
      if (at === null) return;
      const { signal } = new AbortController();
      await runProgram(['ssh', '-O', 'exit', '-o', `ControlPath=${at.control}`, '--', at.target.asked.host], {
        input: '',
        onData: () => {},
        signal,
      });
      (await asking)?.close();
      await rm(at.dir, { recursive: true, force: true });
    },
  };
};
