import { z } from 'zod';
import { writeFile } from '../change.ts';
import { fileState } from '../facts/file.ts';
import { selinux as selinuxFact } from '../facts/security.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Fact } from '../model/fact.ts';
import { type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';

const CONFIG = '/etc/selinux/config';

const Want = z.strictObject({
  permissive: z.boolean().describe('Log what SELinux would forbid, and allow it; as cluster.yaml asks'),
  booleans: z.array(z.string()).describe('Switches of the policy that what the node does with the volumes needs'),
});
type Want = z.infer<typeof Want>;

/** Pods and virtual machines are kept off FUSE mounts unless these are on; container-selinux(8), virt_selinux(8). */
const booleansOf = ({ kubernetes, volumes }: Cluster): string[] => [
  ...(kubernetes === null ? [] : ['virt_sandbox_use_fusefs']),
  ...(volumes.some(({ group }) => group === 'virt') ? ['virt_use_fusefs'] : []),
];

/** true and false as they are now; those that the policy does not have are not in it. */
const switches = (names: readonly string[]): Fact<ReadonlyMap<string, boolean>> => ({
  id: `selinux-booleans:${names.join(',')}`,
  read: sh`for b in ${names}; do v=$(cat "/sys/fs/selinux/booleans/$b") && echo "$b $v"; done`,
  parse: ({ stdout }) => new Map([...stdout.matchAll(/^(\S+) ([01]) /gm)].map(([, name = '', now]) => [name, now === '1'])),
});

const now = (is: 'on' | 'off', name: string) => sh`setsebool -P ${name} ${is}`;

const switchOn = (name: string): Change => ({
  id: `boolean:${name}`,
  title: `switch ${name} on in SELinux`,
  risk: 'safe',
  do: now('on', name),
  undo: now('off', name),
  verify: sh`grep -q '^1' ${`/sys/fs/selinux/booleans/${name}`}`,
});

/** For as long as the node runs; the file says what the next boot does. */
const permit: Change = {
  id: 'permissive',
  title: 'have SELinux log what it would forbid, and allow it',
  risk: 'safe',
  do: sh`setenforce 0`,
  undo: sh`setenforce 1`,
  verify: sh`[ "$(cat /sys/fs/selinux/enforce)" = 0 ]`,
};

export const selinux = defineStep({
  id: 'selinux',
  title: 'SELinux',
  about:
    'Leaves SELinux as it is, and switches on what pods and virtual machines need of it; makes it permissive only where cluster.yaml says so. Never switches it off.',
  want: Want,

  jobs: (cluster) =>
    cluster.nodes.flatMap(({ name: node, roles }) => {
      const booleans = roles.includes('client') ? booleansOf(cluster) : [];
      const permissive = cluster.selinux === 'permissive';
      return permissive || booleans.length > 0 ? [{ node, want: { permissive, booleans } }] : [];
    }),

  facts: ({ booleans }: Want) => ({ selinux: selinuxFact, config: fileState(CONFIG), switches: switches(booleans) }),

  plan({ permissive, booleans }, { selinux: { mode }, config, switches: are }) {
    if (mode === 'absent') return [];
    const changes: Change[] = [];
    const text = config.text?.replace(/^SELINUX=enforcing\b/m, 'SELINUX=permissive');
    if (permissive && text !== undefined && text !== config.text) changes.push(writeFile(CONFIG, text, config));
    if (permissive && mode === 'enforcing') changes.push(permit);
    return [...changes, ...booleans.filter((name) => are.get(name) === false).map(switchOn)];
  },

  notes: ({ permissive }, { selinux: { mode } }) =>
    permissive && mode === 'absent' ? ['selinux: permissive has nothing to do: SELinux is off'] : [],
});
