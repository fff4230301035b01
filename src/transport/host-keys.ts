import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConnectError } from '../errors.ts';
import { fingerprint, judge, type KnownHost, keyType, knownTypes, parseKnownHosts, written } from './known-hosts.ts';
import type { ConnectOptions } from './options.ts';
import { placeOf, type Target } from './target.ts';

export interface HostKeys {
  /** Host key algorithms, those by which the host is known first: another key of it is not to pass for a changed one. */
  algorithms(target: Target): Promise<string[]>;
  /** Returns when the key may be trusted; throws ConnectError when not. With accept-new, an unknown one is noted. */
  check(target: Target, key: Buffer): Promise<void>;
}

/** Without SHA-1. */
const ALGORITHMS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'];

const typeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
const short = (type: string): string => (type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase());
const at = ({ file, line }: KnownHost): string => `${file}:${line}`;

const keyFile = (type: string): string => `/etc/ssh/ssh_host_${short(type).toLowerCase()}_key.pub`;

const unknown = (target: Target, key: Buffer, files: readonly string[], authorities: readonly KnownHost[]): ConnectError => {
  const type = keyType(key);
  const scan = `ssh-keyscan${target.port === 22 ? '' : ` -p ${target.port}`} ${target.host} >> ${target.knownHosts[0] ?? '~/.ssh/known_hosts'}`;
  const remark =
    authorities.length > 0
      ? `; the @cert-authority line ${authorities.map(at).join(', ')} is not used: host certificates are not read`
      : '';
  return new ConnectError({
    check: 'host-key',
    what: `the host key of ${placeOf(target)} is not known`,
    why: `it shows the ${short(type)} key ${fingerprint(key)}, and ${files.join(', ')} ${files.length === 1 ? 'has' : 'have'} no key for ${written(target.lookup)}${remark}`,
    next: `compare that with what the node itself says (ssh-keygen -lf ${keyFile(type)}); if it is the same: ${scan}, or set ssh.hostKeys: accept-new`,
  });
};

const changed = (target: Target, key: Buffer, by: readonly KnownHost[]): ConnectError => {
  const type = keyType(key);
  const same = by.filter((l) => l.type === type);
  const shown = (same.length > 0 ? same : by).map((l) => `${short(l.type)} key ${fingerprint(l.key)} (${at(l)})`).join(', ');
  return new ConnectError({
    check: 'host-key',
    what:
      same.length > 0
        ? `THE HOST KEY OF ${placeOf(target)} HAS CHANGED, nothing was sent`
        : `${placeOf(target)} SHOWS A HOST KEY OF ANOTHER TYPE THAN IS KNOWN, nothing was sent`,
    why: `it shows the ${short(type)} key ${fingerprint(key)}, and is known by the ${shown}: another machine has its address, it was installed anew, or someone sits in between`,
    next: `find out which. Only when the node itself says that this is its key (ssh-keygen -lf ${keyFile(type)}): ${[...new Set(by.map((l) => l.file))].map((file) => `ssh-keygen -R '${written(target.lookup)}' -f ${file}`).join('; ')}, then add the new one`,
  });
};

const revoked = (target: Target, key: Buffer, by: KnownHost): ConnectError =>
  new ConnectError({
    check: 'host-key',
    what: `the host key of ${placeOf(target)} IS REVOKED, nothing was sent`,
    why: `${at(by)} revokes the ${short(keyType(key))} key ${fingerprint(key)}`,
    next: 'give the node new host keys; a revoked key is known to somebody who should not have it',
  });

/** `own`: glusterctl's file, read always, the only one that is written. */
export const hostKeys = (own: string, { cluster, log, trust }: Pick<ConnectOptions, 'cluster' | 'log' | 'trust'>): HostKeys => {
  const read = new Map<string, Promise<KnownHost[]>>();
  let writing: Promise<unknown> = Promise.resolve();

  const load = async (file: string): Promise<KnownHost[]> => {
    try {
      return parseKnownHosts(await readFile(file, 'utf8'), file);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A path below something that is no folder is as absent as a missing file.
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw new ConnectError({
        what: `cannot read the known host keys`,
        why: message,
        next: `make ${file} readable, or mend ssh.knownHosts`,
      });
    }
  };
  const lines = async (target: Target): Promise<KnownHost[]> => {
    const all = await Promise.all(
      [own, ...target.knownHosts].map((file) => {
        const known = read.get(file) ?? load(file);
        read.set(file, known);
        return known;
      }),
    );
    return all.flat();
  };

  /** One after the other, and looked up again before: two logins may meet the same new host at the same time. */
  const note = (target: Target, key: Buffer): Promise<void> => {
    const mine = writing.then(async () => {
      read.delete(own);
      const verdict = judge(await lines(target), target.lookup, key);
      if (verdict.is === 'known') return;
      if (verdict.is === 'changed') throw changed(target, key, verdict.by);
      const line = `${written(target.lookup)} ${keyType(key)} ${key.toString('base64')} glusterctl ${cluster}\n`;
      await append(own, line);
      read.delete(own);
      log?.(`noted the new ${short(keyType(key))} host key ${fingerprint(key)} of ${placeOf(target)} in ${own}`);
    });
    writing = mine.catch(() => {});
    return mine;
  };

  return {
    async algorithms(target) {
      const types = knownTypes(await lines(target), target.lookup);
      const rank = (algorithm: string): number => (types.includes(typeOf(algorithm)) ? 0 : 1);
      return [...ALGORITHMS].sort((a, b) => rank(a) - rank(b));
    },
    async check(target, key) {
      const verdict = judge(await lines(target), target.lookup, key);
      if (verdict.is === 'known') return;
      if (verdict.is === 'revoked') throw revoked(target, key, verdict.by);
      if (verdict.is === 'changed') throw changed(target, key, verdict.by);
      for (const line of verdict.authorities) log?.(`${at(line)}: @cert-authority is not used, host certificates are not read`);
      const agreed = (): boolean => trust?.({ place: placeOf(target), type: short(keyType(key)), fingerprint: fingerprint(key) }) === true;
      if (target.hostKeys === 'strict' && !agreed()) throw unknown(target, key, [...target.knownHosts, own], verdict.authorities);
      await note(target, key);
    },
  };
};

/** The file is there afterwards, only the user's to read. */
export const ensureOwn = async (own: string): Promise<void> => {
  await mkdir(dirname(own), { recursive: true, mode: 0o700 });
  const file = await open(own, 'a', 0o600);
  await file.close();
};

/** In one write at the end of the file, so that several runs side by side do not mix their lines. */
const append = async (own: string, line: string): Promise<void> => {
  await ensureOwn(own);
  const file = await open(own, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    await file.writeFile(size > 0 && last[0] !== 0x0a ? `\n${line}` : line);
  } finally {
    await file.close();
  }
  await chmod(own, 0o600);
};
