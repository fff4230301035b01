import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { quote } from '../sh.ts';
import { lost } from './failure.ts';
import type { Command } from './link.ts';

/** sshd has a limit of sessions on one connection (MaxSessions, 10 unless set). */
export class SessionRefused extends Error {}

const settle = (channel: ClientChannel, done: () => void): void => {
  channel.on('close', () => {
    if (channel.stderr.readableEnded || channel.stderr.destroyed) done();
    else channel.stderr.once('end', done);
  });
};

/** A source that fails cuts the channel; a channel that is gone ends the source. */
const feed = (input: Readable, channel: ClientChannel): void => {
  input.on('error', () => channel.destroy());
  channel.on('close', () => input.destroy());
  input.pipe(channel);
};

/** One command in one channel; gives its exit code. Throws SessionRefused, or ConnectError when the connection is lost. */
export const execOn = (
  client: Client,
  place: string,
  ms: number,
  whyLost: () => string,
  dead: () => void,
  command: Command,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(lost(place, `it did not open a channel within ${ms / 1000} s`));
      dead();
    }, ms);
    const opened = (error: Error | undefined, channel: ClientChannel): void => {
      clearTimeout(late);
      if (error) {
        const refused = /Channel open failure|No response from server|Not connected/.test(error.message);
        reject(refused ? new SessionRefused(error.message) : lost(place, whyLost()));
        return;
      }
      let exit: number | null = null;
      const cut = (): void => void channel.destroy();
      channel.on('exit', (code: number | null, signal?: string) => {
        exit = code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
      });
      channel.on('data', (chunk: Buffer) => command.onData('stdout', chunk));
      channel.stderr.on('data', (chunk: Buffer) => command.onData('stderr', chunk));
      // What cannot be sent because the other side has gone is said by 'close'.
      channel.on('error', () => {});
      settle(channel, () => {
        command.signal.removeEventListener('abort', cut);
        if (exit === null) reject(lost(place, whyLost()));
        else resolve(exit);
      });
      command.signal.addEventListener('abort', cut, { once: true });
      const { input } = command;
      if (command.signal.aborted) cut();
      else if (typeof input === 'string') channel.end(input);
      else feed(input, channel);
    };
    try {
      client.exec(command.words.map(quote).join(' '), opened);
    } catch (error) {
      opened(error as Error, undefined as never);
    }
  });
