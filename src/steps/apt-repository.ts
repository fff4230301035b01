import { dirname } from 'node:path/posix';
import { z } from 'zod';
import { removeFile, writeFile } from '../change.ts';
import { type FileState, fileState } from '../facts/file.ts';
import { type Os, os } from '../facts/os.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { offer } from './apt-offer.ts';
import { refused, ruledOut } from './apt-refusal.ts';
import { aptSource, KEY_FILE, prefix, SOURCE_FILE, stanza, uris, urisIn } from './apt-source.ts';
import { waitForLocks } from './apt-wait.ts';
import { isIndexed } from './package/indexed.ts';
import type { Offer } from './package/offer.ts';
import { packageRoles } from './package/role.ts';
import { PackageSource } from './package/source.ts';

/** Source file and key as they were when the index was read: reading leaves no other trace. */
const STAMP = '/var/lib/glusterctl/apt-indexed';

const Want = z.strictObject({ repository: PackageSource });
type Want = z.infer<typeof Want>;

/** Files of somebody else that name the same tree: apt reads no source at all while two of them differ in Signed-By. */
const others = (source: PackageSource): Fact<readonly string[]> => ({
  id: `apt-others:${prefix(source)}`,
  read:
    prefix(source) === ''
      ? sh`:`
      : sh`grep -lsF -e ${prefix(source)} /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources`,
  parse: ({ stdout }) => stdout.split('\n').filter((file) => file !== '' && file !== SOURCE_FILE),
});

/** Reads this repository alone: the node's other sources are not ours to judge. The lists of those are kept. */
const index = (stamp: FileState): Change => ({
  id: 'index',
  title: 'read the package index of the repository',
  risk: 'safe',
  do: sh`
    set -eu
    ${waitForLocks}
    err=$(mktemp)
    trap 'cat "$err" >&2; rm -f -- "$err"' EXIT
    apt-get update -q -o Dir::Etc::sourcelist=${SOURCE_FILE} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any 2>"$err"
    ! grep '^W: .*Failed to fetch' "$err" || exit 1
    mkdir -p -- ${dirname(STAMP)}
    cat -- ${SOURCE_FILE} ${KEY_FILE} >${STAMP}`,
  undo: writeFile(STAMP, '', stamp).undo,
  verify: sh`cat -- ${SOURCE_FILE} ${KEY_FILE} | cmp -s - ${STAMP}`,
});

/** The addresses to write down: the wanted one, and one release before it, so that a move to another version can be undone. */
const addresses = (source: PackageSource, system: Os, now: readonly string[], said: Offer): string[] => {
  if (said.state !== 'found') {
    const known = uris(source, system);
    return now[0] !== undefined && known.includes(now[0]) ? [...now] : known.slice(0, 1);
  }
  return said.keep === null ? [said.uri] : [said.uri, said.keep];
};

export const aptRepository = defineStep({
  id: 'apt-repository',
  title: 'Add the package repository',
  about: "Adds GlusterFS's repository to apt, bound to its own signing key, after the node could read it; Debian and Ubuntu.",
  want: Want,

  jobs: (cluster) => packageRoles(cluster).map(({ name }) => ({ node: name, want: { repository: aptSource(cluster) } })),

  facts: ({ repository }: Want) => ({
    os,
    source: fileState(SOURCE_FILE),
    key: fileState(KEY_FILE),
    stamp: fileState(STAMP),
    others: others(repository),
    offer: offer(repository),
  }),

  plan({ repository }, is) {
    if (is.os.family !== 'debian') return [];
    if (repository.source === 'distro') {
      const ours = [
        [SOURCE_FILE, is.source],
        [KEY_FILE, is.key],
        [STAMP, is.stamp],
      ] as const;
      return ours.flatMap(([path, was]) => (was.text === null ? [] : [removeFile(path, { ...was, text: was.text })]));
    }

    const { key } = repository;
    const reasons = ruledOut(repository, is.os);
    if (reasons.length === 0 && is.offer.state !== 'known') reasons.push(...refused(repository, is.os, is.offer));
    if (is.others.length > 0) {
      reasons.push({
        check: 'repository-twice',
        what: `the repository is in ${is.others.join(' and ')} already`,
        next: 'remove it there: apt refuses two entries that name different keys',
      });
    }
    if (reasons.length > 0 || key === null) throw new CannotPlan(...reasons);

    const text = stanza(addresses(repository, is.os, urisIn(is.source.text ?? ''), is.offer), is.os.codename, is.os.arch.deb);
    const changes: Change[] = [];
    if (is.key.text !== key.text) changes.push(writeFile(KEY_FILE, key.text, is.key));
    if (is.source.text !== text) changes.push(writeFile(SOURCE_FILE, text, is.source));
    if (changes.length > 0 || !isIndexed(is.stamp, is.source, is.key)) changes.push(index(is.stamp));
    return changes;
  },
});
