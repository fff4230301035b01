import { writeFile } from '../../change.ts';
import { type FileState, fileText } from '../../facts/file.ts';
import type { Fact } from '../../model/fact.ts';
import type { Change } from '../../model/step.ts';
import { sh } from '../../sh.ts';

/** The distribution's repository for builders, where packages are that GlusterFS needs: CRB, or PowerTools in 8. */
export interface Builder {
  id: string;
  file: string;
  enabled: boolean;
  state: FileState & { text: string };
}

/** Rocky, Alma and CentOS; Red Hat, also in clouds (rhui); Oracle. Without those for debugging and sources. */
const NAMES = '(crb|[Pp]ower[Tt]ools|codeready-builder-for-rhel-[0-9]+-([a-z0-9_]+-)?(rhui-)?rpms|ol[0-9]+_codeready_builder)';

/** The section of a repo file, from its name to the next one. */
const sectionOf = (text: string, id: string): { from: number; to: number } => {
  const from = text.search(new RegExp(`^\\[${id}\\]`, 'm'));
  const next = text.slice(from + 1).search(/^\[/m);
  return { from, to: next === -1 ? text.length : from + 1 + next };
};

const isEnabled = (section: string): boolean => !/^enabled[ \t]*=[ \t]*(0|no|false|off)[ \t]*$/im.test(section);

/** The same file with that section enabled. */
export const enable = (text: string, id: string): string => {
  const { from, to } = sectionOf(text, id);
  const section = text.slice(from, to).replace(/^(enabled[ \t]*=[ \t]*).*$/m, (_all, key: string) => `${key}1`);
  return text.slice(0, from) + section + text.slice(to);
};

/** null where there is no such repository, or no need of one: before 8 all packages were in one. */
export const builder: Fact<Builder | null> = {
  id: 'dnf-builder',
  read: sh`
    [ -d /etc/yum.repos.d ] || exit 0
    grep -E -H ${`^\\[${NAMES}\\]`} /etc/yum.repos.d/*.repo | sed q | while IFS=: read -r file section; do
      echo "$section"
      echo "$file"
      stat -L -c '%a %u:%g' -- "$file"
      base64 -w0 -- "$file"
    done`,
  parse: ({ stdout }) => {
    const [section = '', file = '', meta = '', body = ''] = stdout.split('\n');
    const id = /^\[([^\]]+)\]/.exec(section)?.[1];
    if (id === undefined) return null;
    const [mode = '', owner = ''] = meta.split(' ');
    const text = fileText(Buffer.from(body, 'base64'));
    const { from, to } = sectionOf(text, id);
    return { id, file, enabled: isEnabled(text.slice(from, to)), state: { text, mode, owner, parent: true } };
  },
};

/** redhat.repo is written anew by subscription-manager, so that is told. */
export const enableBuilder = ({ id, file, state }: Builder): Change => {
  const title = `enable the repository ${id}, which has packages that GlusterFS needs`;
  if (!file.endsWith('/redhat.repo')) return { ...writeFile(file, enable(state.text, id), state), title };
  const now = (value: string) => sh`[ "$(sed -n ${`/^\\[${id}\\]/,/^\\[/s/^enabled *= *//p`} ${file} | sed q)" = ${value} ]`;
  return {
    id: `builder:${id}`,
    title,
    risk: 'safe',
    do: sh`subscription-manager repos --enable=${id}`,
    undo: sh`subscription-manager repos --disable=${id}`,
    verify: now('1'),
  };
};
