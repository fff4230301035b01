import { execFileSync } from 'node:child_process';

/** The tests of the command line run what users run: dist/, built from what is in src/ now. */
export const setup = (): void => {
  execFileSync('npm', ['run', '--silent', 'bundle'], { stdio: ['ignore', 'inherit', 'inherit'] });
};
