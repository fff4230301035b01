import { must } from './run.ts';

export const SUITE = 'bookworm';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PUBLIC = [
  `http://deb.debian.org/debian ${SUITE} main`,
  `http://deb.debian.org/debian ${SUITE}-updates main`,
  `http://security.debian.org/debian-security ${SUITE}-security main`,
];

/**
 * How this machine reaches a Debian mirror, as a sources.list and an apt.conf for the guests: its own sources of the
 * same release, its proxy, and whether it looks at dates (a frozen mirror's have passed).
 */
export const hostApt = async (): Promise<{ sources: string; conf: string }> => {
  const targets = await must('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(CODENAME) $(COMPONENT)',
    'Created-By: Packages',
    'Origin: Debian',
  ]);
  const own = targets.split('\n').filter((line) => [SUITE, `${SUITE}-updates`, `${SUITE}-security`].includes(line.split(' ')[1] ?? ''));
  const lines = own.length > 0 ? [...new Set(own)] : PUBLIC;
  const dump = await must('apt-config', ['dump', 'Acquire']);
  const conf = dump.split('\n').filter((line) => /^Acquire::(https?::Proxy|Check-(Date|Valid-Until)) "[^"]+"/.test(line));
  return {
    sources: `${lines.map((line) => `deb [signed-by=${KEYRING}] ${line}`).join('\n')}\n`,
    conf: `${conf.join('\n')}\n`,
  };
};
