import { connect } from 'node:net';

interface Message {
  QMP?: unknown;
  return?: unknown;
  error?: { desc: string };
}

/** One command on QEMU's machine protocol socket. Fails on QEMU's own error and after `timeout` ms. */
export const qmp = (socket: string, execute: string, args: Record<string, unknown> = {}, timeout = 60_000): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const connection = connect(socket);
    const end = (act: () => void) => {
      clearTimeout(timer);
      connection.destroy();
      act();
    };
    const timer = setTimeout(() => end(() => reject(new Error(`QEMU did not answer ${execute} within ${timeout / 1000} s`))), timeout);
    const send = (command: object) => connection.write(`${JSON.stringify(command)}\n`);
    let rest = '';
    let replies = 0;
    connection.setEncoding('utf8');
    connection.on('error', (error) => end(() => reject(error)));
    connection.on('close', () => end(() => reject(new Error(`QEMU closed the connection during ${execute}`))));
    connection.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((l) => l.trim() !== '')) {
        const message = JSON.parse(line) as Message;
        if (message.QMP !== undefined) send({ execute: 'qmp_capabilities' });
        else if (message.error !== undefined) {
          const { desc } = message.error;
          end(() => reject(new Error(`QEMU: ${execute}: ${desc}`)));
        } else if ('return' in message) {
          replies += 1;
          // The first answer is to qmp_capabilities.
          if (replies === 1) send({ execute, arguments: args });
          else end(() => resolve(message.return));
        }
      }
    });
  });

/** savevm and loadvm exist only as commands for humans: they answer with nothing, or with the text of what is wrong. */
export const monitor = async (socket: string, command: string): Promise<void> => {
  const answer = String(await qmp(socket, 'human-monitor-command', { 'command-line': command }, 120_000)).trim();
  if (answer !== '') throw new Error(`QEMU: ${command}: ${answer}`);
};
