import { execFileSync } from 'node:child_process';

/** The tests of the command line run what users run: dist/, built from what is in src/ now. */
export const setup = (): void => {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.json'], { stdio: ['ignore', 'inherit', 'inherit'] });
};
