import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type KeyOptions, readSigningKey, signingKey } from '../../src/config/key.ts';
import { signingKeys } from '../../src/config/keys.ts';
import { knownKey, seriesOf } from '../../src/config/known-keys.ts';
import { ConfigError, ConnectError, Refused } from '../../src/errors.ts';
import type { Gluster } from '../../src/model/cluster.ts';
import { exportKey, makeKeys } from './gpg.ts';

const { mine = '', other = '' } = makeKeys({ mine: 'ed25519', other: 'ed25519' });
const armored = exportKey(mine, true);
const dir = mkdtempSync(join(tmpdir(), 'glusterctl-key-'));
const file = (name: string, body: Buffer | string): string => {
  writeFileSync(join(dir, name), body);
  return join(dir, name);
};

/** A server with what each test puts there; `asked` is what was fetched. */
let pages: Record<string, Buffer | number> = {};
let asked: string[] = [];
const server = createServer((request, response) => {
  const page = pages[request.url ?? ''] ?? 404;
  asked.push(request.url ?? '');
  if (page === 302) return void response.writeHead(302, { location: '/elsewhere' }).end();
  if (page === 0) return;
  response.writeHead(typeof page === 'number' ? page : 200).end(typeof page === 'number' ? '' : page);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

let options: KeyOptions;
beforeEach(() => {
  pages = {};
  asked = [];
  options = { stateDir: mkdtempSync(join(dir, 'state-')), timeout: 2000, fetch: viaServer };
});
/** https://anything/path is the server's /path: real requests and streams, without a certificate. */
const viaServer: typeof fetch = async (input, init) => {
  const response = await fetch(`${origin}${new URL(String(input)).pathname}`, init);
  return response.redirected ? response : new Response(response.body, { status: response.status });
};

describe('a key in a file', () => {
  test('is taken when its fingerprint is right', async () => {
    expect(await readSigningKey([file('good.asc', armored)], mine, options)).toEqual({ text: armored.toString(), fingerprint: mine });
    expect(await readSigningKey([file('good.gpg', exportKey(mine, false))], mine, options)).toEqual({
      text: armored.toString(),
      fingerprint: mine,
    });
  });

  test('is read anew each time: no copy of it is trusted', async () => {
    const path = file('changing.asc', armored);
    await readSigningKey([path], mine, options);
    file('changing.asc', exportKey(other, true));
    await expect(readSigningKey([path], mine, options)).rejects.toBeInstanceOf(Refused);
  });

  test('with another fingerprint is refused, and both are named', async () => {
    const failed = readSigningKey([file('other.asc', exportKey(other, true))], mine, options);
    await expect(failed).rejects.toBeInstanceOf(Refused);
    await expect(failed).rejects.toMatchObject({ exit: 7, report: { why: expect.stringMatching(new RegExp(`${other}[^]*${mine}`)) } });
  });

  test('with a second key in it is refused, the right one being there or not', async () => {
    const two = file('two.asc', `${armored}${exportKey(other, true)}`);
    await expect(readSigningKey([two], mine, options)).rejects.toMatchObject({
      exit: 7,
      report: { what: expect.stringContaining('holds 2 keys') },
    });
  });

  test('that is missing, no key, or too large is said', async () => {
    await expect(readSigningKey([join(dir, 'none.asc')], mine, options)).rejects.toBeInstanceOf(ConfigError);
    await expect(readSigningKey([file('page.asc', '<html>')], mine, options)).rejects.toMatchObject({
      exit: 3,
      report: { why: 'it holds no OpenPGP public key' },
    });
    await expect(readSigningKey([file('huge.asc', Buffer.alloc(1024 * 1024 + 1))], mine, options)).rejects.toMatchObject({ exit: 3 });
  });
});

describe('a key at a URL', () => {
  const url = 'https://mirror.example/key.asc';

  test('is fetched once: the next plan needs no network', async () => {
    pages['/key.asc'] = armored;
    const first = await readSigningKey([url], mine, options);
    pages = {};
    expect(await readSigningKey([url], mine, options)).toEqual(first);
    expect(asked).toEqual(['/key.asc']);
    expect(statSync(join(options.stateDir, 'keys', `${mine}.asc`)).mode & 0o777).toBe(0o600);
  });

  test('is fetched anew when what was kept is damaged or another key', async () => {
    pages['/key.asc'] = armored;
    await readSigningKey([url], mine, options);
    writeFileSync(join(options.stateDir, 'keys', `${mine}.asc`), exportKey(other, true));
    expect((await readSigningKey([url], mine, options)).text).toBe(armored.toString());
    expect(asked).toHaveLength(2);
    expect(readFileSync(join(options.stateDir, 'keys', `${mine}.asc`), 'utf8')).toBe(armored.toString());
  });

  test('is looked for at the next place where one has none', async () => {
    pages['/second'] = armored;
    await readSigningKey(['https://x.example/first', 'https://x.example/second', 'https://x.example/third'], mine, options);
    expect(asked).toEqual(['/first', '/second']);
  });

  test('with another fingerprint is refused, not passed over', async () => {
    pages['/first'] = exportKey(other, true);
    pages['/second'] = armored;
    await expect(readSigningKey(['https://x.example/first', 'https://x.example/second'], mine, options)).rejects.toBeInstanceOf(Refused);
  });

  test('at none of the places: they are all named', async () => {
    await expect(readSigningKey([url, 'https://b.example/k'], mine, options)).rejects.toMatchObject({
      exit: 4,
      report: { why: `${url}\nhttps://b.example/k` },
    });
  });

  test('a server that is slow, broken, endless or leads away is said', async () => {
    pages = { '/slow': 0, '/broken': 500, '/endless': Buffer.alloc(2 * 1024 * 1024), '/away': 302, '/elsewhere': armored };
    const why = async (path: string) =>
      readSigningKey([`https://x.example${path}`], mine, { ...options, timeout: 300 }).then(
        () => 'nothing',
        (error: unknown) => (error instanceof ConnectError ? (error.report.why ?? '') : `${String(error)}`),
      );
    expect(await why('/slow')).toMatch(/timeout|aborted/i);
    expect(await why('/broken')).toMatch(/answers 500/);
    expect(await why('/endless')).toMatch(/larger than 1 MiB/);
    expect(await why('/away')).toMatch(/not https/);
  });
});

describe('which key a cluster needs', () => {
  const gluster = (more: Partial<Gluster>): { gluster: Gluster } => ({
    gluster: { version: '10.3', source: 'upstream', mirror: null, key: null, fingerprint: null, hold: true, modules: [], ...more },
  });
  const both = (value: string) => ({ deb: value, rpm: value });

  test('none with the distribution, and none of a source that has no packages of that format', async () => {
    expect(await signingKeys(gluster({ source: 'distro' }), options)).toEqual({ deb: null, rpm: null });
    expect(await signingKey(gluster({ source: 'ppa' }), 'rpm', options)).toBeNull();
    expect(await signingKey(gluster({ source: 'centos-sig' }), 'deb', options)).toBeNull();
  });

  test("the file's own key and fingerprint come first", async () => {
    const path = file('own.asc', armored);
    expect(await signingKeys(gluster({ source: 'mirror', key: both(path), fingerprint: both(mine) }), options)).toEqual({
      deb: { text: armored.toString(), fingerprint: mine },
      rpm: { text: armored.toString(), fingerprint: mine },
    });
  });

  test('upstream: the key of the series, whose fingerprint is built in', async () => {
    pages['/pub/gluster/glusterfs/10/rsa.pub'] = armored;
    const failed = signingKey(gluster({}), 'deb', options);
    await expect(failed).rejects.toMatchObject({
      exit: 7,
      report: { why: expect.stringContaining('F9C958A3AEE0D2184FAD1CBD43607F0DC2F8238C') },
    });
    expect(asked).toEqual(['/pub/gluster/glusterfs/10/rsa.pub']);
  });

  test('a series that is not known needs a fingerprint, and then is looked for at the usual places', async () => {
    await expect(signingKey(gluster({ version: '12.0' }), 'deb', options)).rejects.toMatchObject({
      exit: 3,
      report: { what: expect.stringContaining('12') },
    });
    pages['/pub/gluster/glusterfs/12/rsa.pub'] = armored;
    expect((await signingKey(gluster({ version: '12.0', fingerprint: both(mine) }), 'deb', options))?.fingerprint).toBe(mine);
  });

  test.each([
    ['10.3', '10'],
    ['10', '10'],
    ['11.1', '11'],
    ['9.6', '9'],
    ['4.1.5', '4.1'],
    ['4.0', '4.0'],
    ['3.12.4', '3.12'],
    ['3.12', '3.12'],
  ])('%s is of series %s', (version, series) => {
    expect(seriesOf(version)).toBe(series);
    expect(knownKey({ source: 'upstream', version }, 'deb')?.fingerprint).toMatch(/^[0-9A-F]{40}$/);
  });
});
