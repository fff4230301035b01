import { z } from 'zod';
import { nodeName, word } from './words.ts';

const port = () => z.int().min(1, '1 to 65535').max(65535, '1 to 65535');

export const HeketiSection = z.strictObject({
  url: word(
    /^https?:\/\/([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$/,
    'a URL with an IP address, such as http://192.0.2.10:8080',
  )
    .optional()
    .describe('Where Kubernetes reaches Heketi: an IP address, since its controller manager does not know the names of services'),
  node: nodeName().optional().describe('The server that Heketi is installed on; left out: glusterctl installs none'),
  port: port().optional().describe('Where Heketi listens; left out: 8080'),
  archive: word(
    /^(https:\/\/[A-Za-z0-9._~%&+,;=:@/?-]+|(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9_.+@=-]+)+)$/,
    'an https URL, or an absolute path on the node',
    2000,
  )
    .optional()
    .describe('A release archive of Heketi: an https URL, or a file on that node; left out: the package heketi, which EL has'),
  sha256: word(/^[0-9A-Fa-f]{64}$/, '64 hexadecimal digits')
    .optional()
    .describe('Checksum of the archive'),
  ssh: z
    .strictObject({
      user: word(/^[a-z_][a-z0-9_-]*$/, 'a user name', 32)
        .default('root')
        .describe('Others than root need sudo without a password'),
      port: port().default(22).describe('Port of sshd, the same on all servers'),
    })
    .optional()
    .describe('How Heketi logs in to the servers'),
});
export type HeketiInput = z.output<typeof HeketiSection>;
