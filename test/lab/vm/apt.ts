import { debianSources, sourcesList } from '../debian-sources.ts';
import { must } from './run.ts';

/**
 * How this machine reaches a Debian mirror, as a sources.list and an apt.conf for the guests: its own sources of the
 * same release, its proxy, and whether it looks at dates (a frozen mirror's have passed).
 */
export const hostApt = async (): Promise<{ sources: string; conf: string }> => {
  const dump = await must('apt-config', ['dump', 'Acquire']);
  const conf = dump.split('\n').filter((line) => /^Acquire::(https?::Proxy|Check-(Date|Valid-Until)) "[^"]+"/.test(line));
  return {
    sources: sourcesList(await debianSources()),
    conf: `${conf.join('\n')}\n`,
  };
};
