import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A keyring of its own, gone with its agent when the test file is done. */
const home = mkdtempSync(join(tmpdir(), 'glusterctl-gpg-'));
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true });
});

export function gpg(args: readonly string[], input?: string | Buffer): string;
export function gpg(args: readonly string[], input: string | Buffer | undefined, as: 'buffer'): Buffer;
export function gpg(args: readonly string[], input?: string | Buffer, as?: 'buffer'): string | Buffer {
  const out = execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--no-tty', ...args], {
    input: input ?? '',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return as === 'buffer' ? out : out.toString();
}

/** Fingerprints of primary keys and subkeys, as gpg shows them. */
export const fingerprints = (key: string | Buffer): string[] =>
  [...gpg(['--show-keys', '--with-colons', '--with-subkey-fingerprint'], key).matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, hex]) => hex ?? '');

export const exportKey = (fingerprint: string, armored: boolean): Buffer =>
  gpg([...(armored ? ['--armor'] : []), '--export', fingerprint], undefined, 'buffer');

/** Makes keys with a subkey each; their fingerprints by name. */
export const makeKeys = (algorithms: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(algorithms).map(([name, algorithm]) => {
      const common = ['--pinentry-mode', 'loopback', '--passphrase', ''];
      gpg([...common, '--quick-generate-key', `${name} <${name}@example.org>`, algorithm, 'sign', 'never']);
      const [primary = ''] = fingerprints(gpg(['--export', `${name}@example.org`], undefined, 'buffer'));
      if (algorithm.startsWith('rsa')) gpg([...common, '--quick-add-key', primary, 'rsa2048', 'encrypt', 'never']);
      return [name, primary];
    }),
  );
