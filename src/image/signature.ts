import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkKey } from '../config/key.ts';
import { ConfigError, Refused } from '../errors.ts';
import { programs } from '../transport/zx.ts';

export interface Signed {
  /** A detached signature. */
  signature: string;
  key: string;
  /** Of the primary key, upper-case hexadecimal. */
  fingerprint: string;
}

/** What gpg says with --status-fd (its doc/DETAILS): the last field of VALIDSIG is the primary key that made the signature. */
const goodBy = (status: string): string[] =>
  [...status.matchAll(/^\[GNUPG:\] VALIDSIG (.*)$/gm)].map(([, fields = '']) => fields.trim().split(' ').at(-1) ?? '');

/** Throws Refused unless the one key with that fingerprint made this signature of the file. Nobody's keyring is read or written. */
export const checkSignature = async (path: string, { signature, key, fingerprint }: Signed): Promise<void> => {
  const read = (file: string) =>
    readFile(file).catch((error: Error) => {
      throw new ConfigError({ what: `cannot read ${file}`, why: error.message, next: 'mend the section grml in the cluster file' });
    });
  const { text } = checkKey(await read(key), fingerprint, key);
  await read(signature);
  const home = await mkdtemp(join(tmpdir(), 'glusterctl-gpg-'));
  try {
    await writeFile(join(home, 'key.asc'), text);
    const $ = await programs();
    const gpg = ['gpg', '--homedir', home, '--batch', '--no-autostart', '--status-fd', '1'];
    const imported = await $`LC_ALL=C ${gpg} --import ${join(home, 'key.asc')}`;
    if (imported.exitCode === 127)
      throw new ConfigError({ what: 'this machine has no gpg to check the signature with', next: 'install gnupg, or give grml.sha256' });
    const checked = await $`LC_ALL=C ${gpg} --verify ${signature} ${path}`;
    if (checked.exitCode !== 0 || !goodBy(checked.stdout).includes(fingerprint))
      throw new Refused({
        what: `${path} is not signed by the key ${fingerprint}`,
        why: (checked.stderr || imported.stderr).trim().split('\n').slice(-3).join('\n'),
        next: 'get the image and its signature anew, and compare the fingerprint with what the publisher says',
      });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
