import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { quote } from '../sh.ts';

/** Run by ssh with its question as argument: passes it to glusterctl over a socket, so that no answer is ever in a file or in `ps`. */
const CLIENT = `
const s = require('net').connect(process.argv[1]);
let a = '';
s.setEncoding('utf8').on('data', (d) => (a += d)).on('error', () => process.exit(1)).on('end', () => {
  if (!a) process.exit(1);
  process.stdout.write(a + '\\n');
});
s.end(process.argv[2] || '');
`;

export interface Askpass {
  /** To be set for ssh. */
  exports: Readonly<Record<string, string>>;
  close(): void;
}

/** `answer` gives null when there is none. `dir` is private to the user. */
export const askpass = async (dir: string, answer: (prompt: string) => Promise<string | null>): Promise<Askpass> => {
  const socket = join(dir, 'ask');
  const program = join(dir, 'askpass');
  const server: Server = createServer({ allowHalfOpen: true }, (peer) => {
    let prompt = '';
    peer.setEncoding('utf8');
    peer.on('error', () => {});
    peer.on('data', (text: string) => {
      prompt += text;
    });
    peer.on('end', () => {
      answer(prompt).then(
        (text) => peer.end(text ?? ''),
        () => peer.end(),
      );
    });
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  await writeFile(program, `#!/bin/sh\nexec ${quote(process.execPath)} -e ${quote(CLIENT)} ${quote(socket)} "$1"\n`, { mode: 0o700 });
  return {
    // ssh before 8.4 does not know _REQUIRE: it wants a DISPLAY, and no terminal.
    exports: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none:0' },
    close: () => server.close(),
  };
};
