import { randomBytes } from 'node:crypto';
import { ConnectError } from '../errors.ts';
import type { Receiver, RunOptions, RunResult } from '../model/host.ts';
import { ofNode } from './failure.ts';
import type { Link } from './link.ts';
import type { ConnectOptions } from './options.ts';
import { output } from './output.ts';
import { appendJob, type Job, scriptJob } from './script.ts';
import { noSudo, PLAIN, type Refusal, SUDO, SUDO_PASSWORD, sudoPassword } from './sudo.ts';

const TEN_MINUTES = 600_000;

type Ran = { began: true; result: RunResult } | { began: false; refusal: Refusal };

/** Told by a shell that has started, on both streams. */
const newMark = (): string => `glusterctl-${randomBytes(9).toString('hex')}`;

/** Rejects with the signal's reason as soon as it is aborted, whatever becomes of the work. */
const unlessCut = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const cut = (): void => reject(signal.reason);
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cut));
  });

/** A node that is reached over a link: the same on all transports. */
export const shellHost = (name: string, link: Link, sudo: 'auto' | 'never', options: ConnectOptions): Receiver => {
  let closed = false;
  /** A login that was begun ahead, and that nobody has asked about yet. */
  let begun: ReturnType<Link['open']> | null = null;
  /** Asked for once for all scripts; forgotten when nobody knows it. */
  let password: Promise<string> | null = null;

  const overdue = (ms: number): ConnectError =>
    new ConnectError({
      node: name,
      what: `a script did not end within ${ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`}`,
      why: 'its channel was cut; what it started may still be running there',
      next: 'look at the node for what hangs (ps, dmesg), then run again',
    });

  const start = async (prefix: readonly string[], head: string, { mark, words, input }: Job, run: RunOptions): Promise<Ran> => {
    const { timeout = TEN_MINUTES, onLine } = run;
    const cut = new AbortController();
    const sources = [run.signal, options.signal].filter((s) => s !== undefined);
    const stop = (): void => cut.abort(sources.find((s) => s.aborted)?.reason);
    for (const source of sources) source.addEventListener('abort', stop, { once: true });
    if (sources.some((s) => s.aborted)) stop();
    const timer = setTimeout(() => cut.abort(overdue(timeout)), timeout);
    const tell = (stream: 'stdout' | 'stderr') => onLine && ((line: string) => cut.signal.aborted || onLine(line, stream));
    const streams = { stdout: output(mark, tell('stdout')), stderr: output(mark, tell('stderr')) };
    try {
      cut.signal.throwIfAborted();
      const code = await unlessCut(
        cut.signal,
        link.exec({
          words: [...prefix, ...words],
          input: input(head),
          onData: (stream, chunk) => streams[stream].push(chunk),
          signal: cut.signal,
        }),
      );
      const { stdout, stderr } = streams;
      stdout.end();
      stderr.end();
      if (stdout.before.trim() !== '' && stdout.begun) options.log?.(`${name}: the login shell said: ${stdout.before.trim()}`);
      if (stderr.begun) return { began: true, result: { stdout: stdout.text, stderr: stderr.text, code } };
      return { began: false, refusal: { code, said: `${stdout.before}${stderr.before}` } };
    } finally {
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', stop);
    }
  };

  const noShell = ({ code, said }: Refusal): ConnectError =>
    new ConnectError({
      what: 'the login works, but no shell starts',
      why: said.trim().split('\n').slice(-3).join('\n') || `exit ${code}, and not a word`,
      next: 'look at the login shell of that user, and for a forced command in sshd_config or authorized_keys',
    });

  const became = (ran: Ran): RunResult => {
    if (!ran.began) throw noShell(ran.refusal);
    return ran.result;
  };

  const learn = (user: string, refusal: Refusal, run: RunOptions): Promise<string> =>
    sudoPassword(name, user, refusal, options, async (candidate) => {
      const ran = await start(SUDO_PASSWORD, `${candidate}\n`, scriptJob(null, newMark()), { signal: run.signal, timeout: 60_000 });
      if (ran.began || ran.refusal.code === 0) return null;
      return ran.refusal;
    });

  const asRoot = async (job: Job, run: RunOptions): Promise<RunResult> => {
    const login = begun ?? link.open();
    begun = null;
    const { root, user } = await (run.signal ? unlessCut(run.signal, login) : login);
    if (root) return became(await start(PLAIN, '', job, run));
    if (sudo === 'never') throw noSudo(user);
    if (password === null) {
      const first = await start(SUDO, '', job, run);
      if (first.began) return first.result;
      if (first.refusal.code === 0) throw noShell(first.refusal);
      password ??= learn(user, first.refusal, run).catch((error) => {
        password = null;
        throw error;
      });
    }
    return became(await start(SUDO_PASSWORD, `${await password}\n`, job, run));
  };

  const perform = async (job: Job, run: RunOptions): Promise<RunResult> => {
    if (closed) throw new Error(`${name} is closed`);
    run.signal?.throwIfAborted();
    options.signal?.throwIfAborted();
    try {
      return await asRoot(job, run);
    } catch (error) {
      throw ofNode(name, error);
    }
  };
  const run = (script: string, options: RunOptions = {}): Promise<RunResult> => perform(scriptJob(script, newMark()), options);

  const cannotWrite = (path: string, { stderr, code }: RunResult): ConnectError =>
    new ConnectError({
      node: name,
      what: `${path} cannot be written`,
      why: stderr.trim() || `exit ${code}`,
      next: 'look at the node, whether there is room (df -h) and whether it is mounted for writing',
    });

  return {
    name,
    connect() {
      begun = link.open();
      begun.catch(() => {});
    },
    run,
    async append(path, bytes, options = {}) {
      const { make, job } = appendJob(path, bytes, newMark());
      // By then it is known how this user becomes root: the bytes can be sent only once.
      const made = await run(make, options);
      const result = made.code === 0 ? await perform(job, options) : made;
      if (result.code !== 0) throw cannotWrite(path, result);
    },
    async close() {
      closed = true;
      await link.close();
    },
  };
};
