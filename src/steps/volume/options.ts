import type { VolumeInfo } from '../../gluster/volume-info.ts';

const YES = new Set(['on', 'yes', 'true', 'enable', 'enabled']);
const NO = new Set(['off', 'no', 'false', 'disable', 'disabled']);

/** gluster keeps the word that was given, so `on` and `enable` have to be told to be one. */
export const plainValue = (value: string): string => {
  const word = value.trim().toLowerCase();
  if (YES.has(word)) return 'on';
  return NO.has(word) ? 'off' : value.trim();
};

/** Whether gluster reports this value. What was never set is not reported, even when the default is what is wanted. */
export const isSet = (info: VolumeInfo, option: string, value: string): boolean => {
  const now = info.options.get(option);
  return now !== undefined && plainValue(now) === plainValue(value);
};

/** A profile is a file of `option=value` lines, /var/lib/glusterd/groups/NAME. */
export const parseGroup = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, option, value] = /^\s*([^#=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return option !== undefined && value !== undefined ? [[option, value]] : [];
    }),
  );
