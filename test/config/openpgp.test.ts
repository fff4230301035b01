import { describe, expect, test } from 'vitest';
import { BadKey, readPublicKeys } from '../../src/config/openpgp.ts';
import { exportKey, fingerprints, gpg, makeKeys } from './gpg.ts';

const keys = makeKeys({ rsa: 'rsa2048', ed: 'ed25519', dsa: 'dsa1024' });
const read = (file: Buffer | string) => readPublicKeys(Buffer.from(file));

describe('keys made by gpg', () => {
  test.each(Object.keys(keys))('%s: the fingerprint is the one that gpg shows', (name) => {
    for (const armored of [true, false]) {
      const { text, fingerprints: found } = read(exportKey(keys[name] ?? '', armored));
      expect(found).toEqual([keys[name]]);
      // What is written for the nodes is a key that gpg reads, with the same fingerprint and all of its packets.
      expect(fingerprints(text)).toEqual(fingerprints(exportKey(keys[name] ?? '', true).toString()));
      expect(gpg(['--list-packets'], text).replaceAll(/^# off=.*$/gm, '')).toBe(
        gpg(['--list-packets'], exportKey(keys[name] ?? '', false)).replaceAll(/^# off=.*$/gm, ''),
      );
    }
  });

  test('armored and binary, with and without CRC, headers, CRLF, text around: always the same text', () => {
    const armored = exportKey(keys.ed ?? '', true).toString();
    const expected = read(armored).text;
    expect(expected).toMatch(
      /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n([A-Za-z0-9+/=]{1,64}\n)+=[A-Za-z0-9+/]{4}\n-----END PGP PUBLIC KEY BLOCK-----\n$/,
    );
    for (const other of [
      exportKey(keys.ed ?? '', false),
      armored.replace(/^=.{4}$/m, ''),
      armored.replace('-----\n\n', '-----\nVersion: 1\nComment:\n\n'),
      armored.replaceAll('\n', '\r\n'),
      `The key of the mirror:\n\n${armored}\nThat was it.\n`,
      `\ufeff${armored}`,
    ]) {
      expect(read(other).text).toBe(expected);
    }
  });

  test('several keys are all named, in one block or in two', () => {
    const both = [keys.rsa, keys.ed];
    expect(read(`${exportKey(keys.rsa ?? '', true)}\n${exportKey(keys.ed ?? '', true)}`).fingerprints).toEqual(both);
    expect(read(Buffer.concat([exportKey(keys.rsa ?? '', false), exportKey(keys.ed ?? '', false)])).fingerprints).toEqual(both);
  });

  test('a private key is refused, armored or binary', () => {
    for (const armor of [['--armor'], []]) {
      const secret = gpg(
        [...armor, '--pinentry-mode', 'loopback', '--passphrase', '', '--export-secret-keys', keys.ed ?? ''],
        undefined,
        'buffer',
      );
      expect(() => read(secret)).toThrow(/private key/);
    }
  });

  test('a key that is cut off anywhere is refused, or is shown as another key', () => {
    const whole = exportKey(keys.rsa ?? '', false);
    for (let length = 0; length < whole.length; length += 7) {
      try {
        // Cut between two packets, the primary key is still whole: its fingerprint is right, and it is the same key.
        expect(read(whole.subarray(0, length)).fingerprints).toEqual([keys.rsa]);
      } catch (error) {
        expect(error).toBeInstanceOf(BadKey);
      }
    }
    expect(() => read(whole.subarray(0, 100))).toThrow(BadKey);
  });
});

test('a version 6 key: the sample of RFC 9580, appendix A.3', () => {
  const packet = Buffer.from('xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laM=', 'base64');
  expect(readPublicKeys(packet).fingerprints).toEqual(['CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9']);
});

test.each([
  ['nothing', ''],
  ['a web page', '<html><body>404</body></html>'],
  ['an armored block that is no base64', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n<html>\n-----END PGP PUBLIC KEY BLOCK-----\n'],
  ['a block without its end', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n'],
  ['a version 3 key', Buffer.from([0x99, 0, 3, 3, 0, 0])],
  ['a packet of partial length', Buffer.from([0xc6, 0xe1, 4, 0])],
  ['a packet of indeterminate length', Buffer.from([0x9b, 4, 0])],
  ['a signature alone', Buffer.from([0x88, 1, 4])],
])('%s is refused', (_, file) => {
  expect(() => readPublicKeys(Buffer.from(file))).toThrow(BadKey);
});
