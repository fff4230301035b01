import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint, judge, keyType, knownTypes, linesFor, meansHost, parseKnownHosts } from '../../src/transport/known-hosts.ts';

let dir: string;
const blobs = new Map<string, Buffer>();
const key = (name: string): Buffer => blobs.get(name) as Buffer;
const text = (name: string): string => `${keyType(key(name))} ${key(name).toString('base64')}`;

beforeAll(() => {
  dir = mkdtempSync('/tmp/gct-known-');
  for (const [name, type] of Object.entries({ ed: 'ed25519', ed2: 'ed25519', ec: 'ecdsa', rsa: 'rsa' })) {
    const file = join(dir, name);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    blobs.set(name, Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64'));
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const lines = (body: string) => parseKnownHosts(body, 'f');
const HOST = { name: 'web1', port: 22 };
const verdict = (body: string, of = 'ed', at = HOST) => judge(lines(body), at, key(of)).is;

test('fingerprint and type are those of ssh-keygen', () => {
  for (const name of blobs.keys())
    expect(execFileSync('ssh-keygen', ['-lf', join(dir, `${name}.pub`)], { encoding: 'utf8' })).toContain(fingerprint(key(name)));
  expect(keyType(key('ec'))).toBe('ecdsa-sha2-nistp256');
  expect(keyType(Buffer.from('junk'))).toBe('');
});

describe('a place is', () => {
  test.each([
    ['known by its name', 'web1', 'known'],
    ['known in any case', 'WEB1', 'known'],
    ['known among others', 'a,web1,b', 'known'],
    ['known by *', 'web*', 'known'],
    ['known by ?', 'web?', 'known'],
    ['not known by another', 'web2', 'unknown'],
    ['not known by a part', 'web', 'unknown'],
    ['not known by a dot that is no pattern', 'w.b1', 'unknown'],
    ['not known when vetoed', '*,!web1', 'unknown'],
    ['not known when vetoed first', '!web1,*', 'unknown'],
    ['not known for another port', '[web1]:2222', 'unknown'],
  ])('%s', (_title, hosts, is) => {
    expect(verdict(`${hosts} ${text('ed')}\n`)).toBe(is);
  });

  test('changed when all keys that are known are others', () => {
    expect(verdict(`web1 ${text('ed2')}\n`)).toBe('changed');
    expect(verdict(`web1 ${text('rsa')}\n`)).toBe('changed');
    expect(verdict(`web1 ${text('ed2')}\nweb1 ${text('ed')}\n`)).toBe('known');
  });

  test('revoked when a line says so, wherever it stands', () => {
    expect(verdict(`web1 ${text('ed')}\n@revoked * ${text('ed')}\n`)).toBe('revoked');
    expect(verdict(`@revoked other ${text('ed')}\nweb1 ${text('ed')}\n`)).toBe('known');
    expect(verdict(`web1 ${text('ed')}\n@revoked * ${text('ed2')}\n`)).toBe('known');
    expect(verdict(`@revoked web1 ${text('ed')}\n`, 'ed', { name: 'web1', port: 2222 })).toBe('revoked');
  });

  test('not known by a certificate authority', () => {
    expect(judge(lines(`@cert-authority web1 ${text('ed')}\n`), HOST, key('ed'))).toMatchObject({
      is: 'unknown',
      authorities: [{ line: 1 }],
    });
  });

  test('known by its bare name on another port, but never changed by that', () => {
    const at = { name: 'web1', port: 2222 };
    expect(verdict(`web1 ${text('ed')}\n`, 'ed', at)).toBe('known');
    expect(verdict(`web1 ${text('ed2')}\n`, 'ed', at)).toBe('unknown');
    expect(verdict(`[web1]:2222 ${text('ed2')}\nweb1 ${text('ed')}\n`, 'ed', at)).toBe('changed');
  });

  test('known through comments, blank lines, CRLF, tabs, junk and a missing last newline', () => {
    const body = `# x\n\n   \nweb1 ssh-ed25519 notakey\n@unknown web1 ${text('ed2')}\nweb1 ssh-ed25519\n  web1\t${text('ed').replace(' ', '\t')} a comment\r\n# y`;
    expect(lines(body)).toHaveLength(1);
    expect(verdict(body)).toBe('known');
  });
});

test('the key types of a place are in the file’s order, once each', () => {
  expect(knownTypes(lines(`web1 ${text('rsa')}\nweb1 ${text('ed')}\nweb1 ${text('ed2')}\nx ${text('ec')}\n`), HOST)).toEqual([
    'ssh-rsa',
    'ssh-ed25519',
  ]);
});

describe('as ssh-keygen -F', () => {
  const found = (name: string): number[] => {
    const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', join(dir, 'file')], { encoding: 'utf8' });
    return [...stdout.matchAll(/found: line (\d+)/g)].map((m) => Number(m[1]));
  };
  const names = fc.constantFrom('web1', 'web10', '10.0.0.1', '10.0.0.10', 'a.example', 'b.a.example', '2001:db8::1', 'x');
  const pattern = fc.oneof(
    names,
    fc.constantFrom(
      'web*',
      '*',
      '10.0.0.?',
      '*.example',
      '?',
      '10.*.1',
      'w?b1',
      '[web1]:2222',
      '[*]:2222',
      '[10.0.0.1]:2222',
      '[2001:db8::1]:22',
      '2001:db8::*',
    ),
  );
  const field = fc
    .array(fc.tuple(pattern, fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((items) => items.map(([p, veto]) => (veto ? '!' : '') + p).join(','));

  test('any list of patterns means the same hosts', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), names, fc.constantFrom(22, 2222), (fields, name, port) => {
        const body = fields.map((f) => `${f} ${text('ed')}\n`).join('');
        writeFileSync(join(dir, 'file'), body);
        const ours = linesFor(lines(body), { name, port }).exact.map((l) => l.line);
        expect(ours).toEqual(found(port === 22 ? name : `[${name}]:${port}`));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('hashed names mean the same hosts', () => {
    const places = ['web1', '10.0.0.1', '[web1]:2222', '2001:db8::1', '[2001:db8::1]:2222'];
    writeFileSync(join(dir, 'file'), places.map((p) => `${p} ${text('ed')}\n`).join(''));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', join(dir, 'file')], { stdio: 'ignore' });
    const hashed = lines(readFileSync(join(dir, 'file'), 'utf8'));
    expect(hashed).toHaveLength(places.length);
    places.forEach((p, i) => {
      expect(hashed.filter((l) => meansHost(l.hosts, p)).map((l) => l.line)).toEqual([i + 1]);
      expect(found(p)).toEqual([i + 1]);
    });
    expect(hashed.filter((l) => meansHost(l.hosts, 'web2'))).toEqual([]);
  });
});
