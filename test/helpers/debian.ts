import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A program, or a file by its whole path, and the Debian package that brings it. */
export type Needs = Readonly<Record<string, string>>;

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const folders = (): string[] => [...new Set([...(process.env.PATH ?? '').split(':').filter(Boolean), ...FOLDERS])];

const missing = (needs: Needs): string[] =>
  Object.keys(needs).filter((need) => !(need.startsWith('/') ? existsSync(need) : folders().some((dir) => existsSync(`${dir}/${need}`))));

const isDebianLike = (): boolean =>
  existsSync('/usr/bin/apt-get') && /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));

const apt = (...args: string[]) =>
  spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Makes sure that programs are there, and that PATH finds those of administrators. Says what it installs, before it does.
 * `who` begins the error, which names the one command to run: "the lab needs ...". Throws where it may not install.
 */
export const ensure = (who: string, needs: Needs, say: (line: string) => void = toStderr): void => {
  process.env.PATH = folders().join(':');
  const lacking = missing(needs);
  if (lacking.length === 0) return;
  const debs = [...new Set(lacking.map((need) => needs[need] as string))].sort();
  const command = `apt-get install --no-install-recommends ${debs.join(' ')}`;
  if (!isDebianLike()) throw new Error(`${who} needs ${lacking.join(', ')}; on Debian: ${command}`);
  if (process.getuid?.() !== 0) throw new Error(`${who} needs ${lacking.join(', ')}. Install it first: sudo ${command}`);
  say(`${who} needs ${lacking.join(', ')}: ${command}`);
  const install = () => apt('install', '--yes', '--no-install-recommends', ...debs);
  let done = install();
  if (done.status !== 0) {
    apt('update');
    done = install();
  }
  const still = missing(needs);
  if (still.length > 0)
    throw new Error(`${command} brought no ${still.join(', ')}: ${done.stderr.trim()}\nRun it yourself, then try again`);
};
