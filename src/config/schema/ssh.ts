import { z } from 'zod';
import { localPath, word } from './words.ts';

const HOP = '([A-Za-z0-9_][A-Za-z0-9_.$+-]*@)?([A-Za-z0-9][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?';

export const port = () => z.int().min(1, '1 to 65535').max(65535, '1 to 65535');

export const SshSection = z.strictObject({
  user: word(/^[A-Za-z0-9_][A-Za-z0-9_.@\\$+-]*$/, 'a user name: letters, digits and "_.@\\$+-"', 256)
    .optional()
    .describe('Who logs in; left out: ~/.ssh/config decides'),
  port: port().optional().describe('Port of sshd, 1 to 65535; left out: ~/.ssh/config decides, else 22'),
  identityFile: localPath().optional().describe('Private key; left out: the agent, then ~/.ssh/config'),
  knownHosts: z
    .union([localPath(), z.array(localPath()).min(1, 'at least one path')])
    .optional()
    .describe('File or files with the host keys that are trusted; left out: ~/.ssh/config decides'),
  hostKeys: z
    .enum(['strict', 'accept-new'])
    .optional()
    .describe("strict (default): an unknown host key stops; accept-new: it is noted in glusterctl's own file, never in yours"),
  jump: word(new RegExp(`^${HOP}(,${HOP})*$`), 'USER@HOST:PORT, several separated by commas', 1000)
    .optional()
    .describe('Jump host, or a chain of them separated by commas'),
  sudo: z
    .enum(['auto', 'never'])
    .optional()
    .describe('auto (default): none for root, else sudo -n, else a question on a terminal; never: the user has to be root'),
  transport: z.enum(['ssh2', 'openssh']).optional().describe("ssh2 (default, built in) or openssh: this machine's own ssh program"),
});
export type SshInput = z.output<typeof SshSection>;
