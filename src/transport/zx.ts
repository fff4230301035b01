import { quote } from '../sh.ts';

/**
 * zx for programs of this machine, loaded when first needed. It runs them by /bin/sh (a system may have no bash), in a
 * session of their own: Ctrl-C on the terminal is glusterctl's to answer, not theirs.
 */
export const programs = async () => {
  const { $ } = await import('zx/core');
  return $({ shell: '/bin/sh', prefix: '', postfix: '', quote, nothrow: true, quiet: true, verbose: false, detached: true });
};
