import { spawnSync } from 'node:child_process';

/** A program that a test cannot do without. Throws with the command that installs it. */
export const need = (program: string, debianPackage = program): string => {
  const { status } = spawnSync('sh', ['-c', 'command -v "$0"', program]);
  if (status !== 0) throw new Error(`this test needs ${program}: apt-get install ${debianPackage}`);
  return program;
};
