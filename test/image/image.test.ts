import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { obtainImage } from '../../src/image/image.ts';
import type { Grml } from '../../src/model/cluster.ts';

let dir: string;
let server: Server;
let url: string;
let asked = 0;
const BODY = Buffer.alloc(300_000, 'image');
const SUM = createHash('sha256').update(BODY).digest('hex');
const grml = (more: Partial<Grml>): Grml => ({
  iso: join(dir, 'live.iso'),
  sha256: null,
  signature: null,
  key: null,
  fingerprint: null,
  bootOptions: '',
  ...more,
});
const obtain = (more: Partial<Grml>, idle?: number) => obtainImage(grml(more), { cacheDir: join(dir, 'cache'), say: () => {}, idle });

/** A key of its own for a test: its public part, its fingerprint, and a signature of the image. */
const signer = (name: string) => {
  const home = mkdtempSync('/tmp/gct-gpg-');
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  gpg('--passphrase', '', '--quick-generate-key', name, 'ed25519', 'sign', 'never');
  const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg('--with-colons', '--list-keys').toString())?.[1] ?? '';
  const [key, signature] = [join(dir, `${name}.asc`), join(dir, `${name}.sig`)];
  writeFileSync(key, gpg('--armor', '--export'));
  gpg('--output', signature, '--detach-sign', join(dir, 'live.iso'));
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true });
  return { key, signature, fingerprint };
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-image-'));
  writeFileSync(join(dir, 'live.iso'), BODY);
  mkdirSync(join(dir, 'cache'));
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/gone.iso') return response.writeHead(404).end();
    response.write(BODY.subarray(0, 100_000));
    if (request.url !== '/slow.iso') response.end(BODY.subarray(100_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

test('a file with the right checksum; a wrong one is refused with both', async () => {
  expect(await obtain({ sha256: SUM })).toEqual({ path: join(dir, 'live.iso'), name: 'live.iso', size: BODY.length, sha256: SUM });
  await expect(obtain({ sha256: 'a'.repeat(64) })).rejects.toMatchObject({ exit: 7, report: { why: expect.stringContaining(SUM) } });
});

test('never without a checksum or a signature', async () => {
  await expect(obtain({})).rejects.toMatchObject({ exit: 7, report: { what: 'the image has neither a checksum nor a signature' } });
  await expect(obtain({ iso: join(dir, 'missing.iso'), sha256: SUM })).rejects.toMatchObject({ exit: 3 });
});

test('a URL is downloaded once; what came is checked each time', async () => {
  const iso = `${url}/a/grml-small.iso?x=1`;
  const { path, name } = await obtain({ iso, sha256: SUM });
  expect(name).toBe('grml-small.iso');
  expect(readFileSync(path).equals(BODY)).toBe(true);
  const before = asked;
  await obtain({ iso, sha256: SUM });
  expect(asked).toBe(before);
  writeFileSync(path, 'damaged');
  await expect(obtain({ iso, sha256: SUM })).rejects.toMatchObject({
    exit: 7,
    report: { next: expect.stringContaining(`remove ${path}`) },
  });
});

test('a download that fails or stalls leaves nothing', async () => {
  await expect(obtain({ iso: `${url}/gone.iso`, sha256: SUM })).rejects.toMatchObject({
    exit: 4,
    report: { why: expect.stringContaining('404') },
  });
  await expect(obtain({ iso: `${url}/slow.iso`, sha256: SUM }, 200)).rejects.toMatchObject({
    exit: 4,
    report: { why: 'no answer for 0.2 s' },
  });
  expect(readdirSync(join(dir, 'cache/images')).filter((file) => file.includes('gone') || file.includes('slow'))).toEqual([]);
});

test('a signature by the key that is named; another key, another file and another fingerprint are refused', async () => {
  const [publisher, stranger] = [signer('publisher'), signer('stranger')];
  expect((await obtain(publisher)).sha256).toBe(SUM);
  await expect(obtain({ ...publisher, signature: stranger.signature })).rejects.toMatchObject({
    exit: 7,
    report: { what: expect.stringContaining('is not signed by the key') },
  });
  await expect(obtain({ ...publisher, fingerprint: stranger.fingerprint })).rejects.toMatchObject({ exit: 7 });
  const other = join(dir, 'other.iso');
  writeFileSync(other, 'another');
  await expect(obtain({ ...publisher, iso: other })).rejects.toMatchObject({
    exit: 7,
    report: { why: expect.stringMatching(/BAD signature/) },
  });
}, 60_000);
