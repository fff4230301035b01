import { run } from './run.ts';

/** The release of Debian that the nodes and machines of the labs have. */
export const SUITE = 'bookworm';

const SUITES = [SUITE, `${SUITE}-updates`, `${SUITE}-security`];

/**
 * Lines of a sources.list for that release, without options: URI SUITE main. They are this machine's own, so that a lab
 * works wherever apt does. Throws where apt knows none of that release.
 */
export const debianSources = async (): Promise<string[]> => {
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(CODENAME) $(COMPONENT)',
    'Identifier: Packages',
    'Origin: Debian',
  ]);
  const known = stdout.split('\n').filter((line) => {
    const [, suite = '', component] = line.split(' ');
    return SUITES.includes(suite) && component === 'main';
  });
  if (!known.some((line) => line.split(' ')[1] === SUITE))
    throw new Error(
      `the lab is made of packages of Debian ${SUITE}, and apt knows none here: add to its sources the line "deb http://MIRROR/debian ${SUITE} main", then apt-get update`,
    );
  return [...new Set(known)];
};

/** As signed by Debian, whose key has to be named where other sources have keys of their own. */
export const sourcesList = (lines: readonly string[]): string =>
  `${lines.map((line) => `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${line}`).join('\n')}\n`;
