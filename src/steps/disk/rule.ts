import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';
import type { Identity } from './identity.ts';

/**
 * After 60-persistent-storage, which sets ID_SERIAL, ID_PATH and ID_PART_ENTRY_UUID, and after 63-md-raid-arrays, which
 * sets MD_UUID (systemd 252, mdadm 4.2).
 */
export const ruleFile = (link: string): string => `/etc/udev/rules.d/90-glusterctl-${link}.rules`;

export const linkPath = (link: string): string => `/dev/disk/${link}`;

const devtype = ({ property }: Identity): string => (property === 'ID_PART_ENTRY_UUID' ? 'partition' : 'disk');

const match = ({ property, value }: Identity): string => (property === 'NAME' ? `KERNEL=="${value}"` : `ENV{${property}}=="${value}"`);

/** Never by DEVPATH: that changes as soon as a disk is put in front. Partitions inherit ID_SERIAL, so the type is asked too. */
export const ruleText = (link: string, identity: Identity): string => `# Written by glusterctl: ${linkPath(link)}
SUBSYSTEM=="block", ENV{DEVTYPE}=="${devtype(identity)}", ${match(identity)}, SYMLINK+="disk/${link}"
`;

/** Which disk a rule of ours is about. */
export const parseRule = (text: string): Identity | null => {
  const [, property, value] = /(?:ENV\{([A-Z_]+)\}|KERNEL)=="([^"]+)", SYMLINK\+="disk\//.exec(text) ?? [];
  if (value === undefined || !text.startsWith('# Written by glusterctl')) return null;
  return { property: (property ?? 'NAME') as Identity['property'], value };
};

export interface Link {
  /** Of our rule file; null where there is none. */
  identity: Identity | null;
  /** Kernel name of the device that /dev/disk/LINK leads to; '' where there is no such link. */
  to: string;
}

/** By the link's name. */
export const links = (names: readonly string[]): Fact<ReadonlyMap<string, Link>> => {
  const asked = [...new Set(names)].sort();
  return {
    id: `disk-links:${asked.join(' ')}`,
    read: sh`
      one() { basename -- "$(readlink -f -- "$1")" || echo; cat -- "$2"; echo =; }
      ${asked.map((link) => sh`one ${linkPath(link)} ${ruleFile(link)};`)}`,
    parse: ({ stdout }) => {
      const parts = stdout.split(/^=\n/m);
      return new Map(
        asked.map((link, i) => {
          const [to = '', ...rest] = (parts[i] ?? '').split('\n');
          return [link, { identity: parseRule(rest.join('\n')), to: to === link ? '' : to }];
        }),
      );
    },
  };
};
