import { z } from 'zod';
import { selinux } from '../facts/security.ts';
import type { Fact } from '../model/fact.ts';
import { defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';

/** The type under which glusterd and its bricks may keep files; glusterfs-selinux. */
const TYPE = 'glusterd_brick_t';

const Want = z.strictObject({ path: z.string().startsWith('/').describe('The brick directory') });
type Want = z.infer<typeof Want>;

/** semanage takes regular expressions. */
const pattern = (path: string): string => `${path.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&')}(/.*)?`;

interface Label {
  /** A rule says what the directory's label is, also when files are labelled anew one day. */
  ruled: boolean;
  /** What it is labelled now; null where it is not there. */
  type: string | null;
}

/** semanage itself takes a second, so its file is read. */
const ruled = (path: string) =>
  sh`grep -qsF -e ${`${pattern(path)}\t`} -e ${`${pattern(path)} `} /etc/selinux/*/contexts/files/file_contexts.local`;
const context = (path: string) => sh`stat -c %C -- ${path}`;
const type = (path: string) => sh`${context(path)} | cut -d : -f 3`;

const label = (path: string): Fact<Label> => ({
  id: `selinux-label:${path}`,
  read: sh`
    # Without SELinux nothing is labelled.
    [ -e /sys/fs/selinux/enforce ] || { echo none; exit; }
    if ${ruled(path)}; then echo ruled; else echo none; fi
    [ ! -d ${path} ] || ${context(path)}`,
  parse: ({ stdout }) => {
    const [rule, now = ''] = stdout.split('\n');
    // user:role:type:level, or a question mark where there is none.
    return { ruled: rule === 'ruled', type: now === '' ? null : (now.split(':')[2] ?? now) };
  },
});

export const selinuxLabels = defineStep({
  id: 'selinux-labels',
  title: 'Label the bricks for SELinux',
  about: `Labels brick directories ${TYPE}, for good, where SELinux is at work.`,
  want: Want,

  jobs: ({ nodes, volumes }) => {
    const bricks = volumes.flatMap((volume) => volume.bricks);
    return nodes.flatMap(({ name: node }) => bricks.filter((brick) => brick.node === node).map(({ path }) => ({ node, want: { path } })));
  },

  facts: ({ path }: Want) => ({ selinux, label: label(path) }),

  plan({ path }, { selinux: { mode }, label: is }) {
    if (mode === 'absent' || (is.ruled && is.type === TYPE)) return [];
    return [
      {
        id: `label:${path}`,
        title: `label ${path} ${TYPE}`,
        risk: 'safe',
        do: sh`
          set -eu
          command -v semanage >/dev/null || { echo 'there is no semanage: install policycoreutils-python-utils (policycoreutils-python on CentOS 7)' >&2; exit 1; }
          ${ruled(path)} || semanage fcontext -a -t ${TYPE} ${pattern(path)}
          restorecon -R -- ${path}`,
        // Gluster's own hook takes the rule away when the volume is deleted.
        undo: is.ruled
          ? 'nothing'
          : sh`
            set -eu
            ! ${ruled(path)} || semanage fcontext -d ${pattern(path)}
            [ ! -d ${path} ] || restorecon -R -- ${path}`,
        verify: sh`${ruled(path)} && [ "$(${type(path)})" = ${TYPE} ]`,
      },
    ];
  },
});
