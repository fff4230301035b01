import { dirname } from 'node:path/posix';
import { z } from 'zod';
import { removeFile, writeFile } from '../change.ts';
import { type FileState, fileState } from '../facts/file.ts';
import { os } from '../facts/os.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { builder, enableBuilder } from './dnf/builder.ts';
import { offer } from './dnf/offer.ts';
import { refused, ruledOut } from './dnf/refusal.ts';
import { prelude } from './dnf/shell.ts';
import { dnfSource, KEY_FILE, majorOf, REPO_FILE, REPOSITORY, repoFile, uris, urisIn } from './dnf/source.ts';
import { isIndexed } from './package/indexed.ts';
import type { Offer } from './package/offer.ts';
import { packageRoles } from './package/role.ts';
import { PackageSource } from './package/source.ts';

/** Repo file and key as they were when the metadata was read: reading leaves no other trace. */
const STAMP = '/var/lib/glusterctl/dnf-indexed';

const Want = z.strictObject({ repository: PackageSource });
type Want = z.infer<typeof Want>;

/** The keys that rpm trusts: the last 8 or more digits of their fingerprints. It keeps them as packages without files. */
const trusted: Fact<readonly string[]> = {
  id: 'rpm-keys',
  read: sh`rpm -q gpg-pubkey --qf '%{VERSION}\n'`,
  parse: ({ stdout }) =>
    stdout
      .split('\n')
      .filter((line) => /^[0-9a-f]{8,}$/.test(line))
      .sort(),
};

/** The keys of this fingerprint that are in rpm's database, as arguments for rpm -e. */
const inDatabase = (fingerprint: string) => sh`
  rpm -q gpg-pubkey --qf '%{VERSION} %{NAME}-%{VERSION}-%{RELEASE}\n' | while read -r digits package; do
    case ${fingerprint.toLowerCase()} in *"$digits") echo "$package" ;; esac
  done`;

/** dnf would do it at the first install; done here, it can be seen and undone. The key was checked before it came to the node. */
const trust = (fingerprint: string): Change => ({
  id: 'trust',
  title: `let rpm trust the key ${fingerprint}`,
  risk: 'safe',
  do: sh`rpm --import ${KEY_FILE}`,
  undo: sh`
    set -eu
    for package in $(${inDatabase(fingerprint)}); do rpm -e "$package"; done`,
  verify: sh`[ -n "$(${inDatabase(fingerprint)})" ]`,
});

const index = (stamp: FileState): Change => ({
  id: 'index',
  title: 'read the metadata of the repository',
  risk: 'safe',
  do: sh`
    ${prelude}
    manager -q --disablerepo='*' --enablerepo=${`${REPOSITORY}*`} makecache || { because >&2; exit 1; }
    mkdir -p -- ${dirname(STAMP)}
    cat -- ${REPO_FILE} ${KEY_FILE} >${STAMP}`,
  undo: writeFile(STAMP, '', stamp).undo,
  verify: sh`cat -- ${REPO_FILE} ${KEY_FILE} | cmp -s - ${STAMP}`,
});

/** The addresses to write down: the wanted one, and the series before it, so that a move to another series can be undone. */
const addresses = (wanted: readonly string[], now: readonly string[], said: Offer): string[] => {
  if (said.state === 'found') return said.keep === null ? [said.uri] : [said.uri, said.keep];
  return now[0] !== undefined && wanted.includes(now[0]) ? [...now] : wanted.slice(0, 1);
};

export const dnfRepository = defineStep({
  id: 'dnf-repository',
  title: 'Add the package repository',
  about:
    "Adds GlusterFS's repository to dnf or yum, with its own signing key, after the node could read it; relatives of Red Hat Enterprise Linux.",
  want: Want,

  jobs: (cluster) => packageRoles(cluster).map(({ name }) => ({ node: name, want: { repository: dnfSource(cluster) } })),

  facts: ({ repository }: Want) => ({
    os,
    repo: fileState(REPO_FILE),
    key: fileState(KEY_FILE),
    stamp: fileState(STAMP),
    trusted,
    builder,
    offer: offer(repository),
  }),

  plan({ repository }, is) {
    if (is.os.family !== 'el') return [];
    if (repository.source === 'distro') {
      const ours = [
        [REPO_FILE, is.repo],
        [KEY_FILE, is.key],
        [STAMP, is.stamp],
      ] as const;
      return ours.flatMap(([path, was]) => (was.text === null ? [] : [removeFile(path, { ...was, text: was.text })]));
    }

    const { key } = repository;
    const reasons = ruledOut(repository, is.os);
    if (reasons.length === 0 && is.offer.state !== 'known') reasons.push(...refused(repository, is.os, is.offer));
    if (reasons.length > 0 || key === null) throw new CannotPlan(...reasons);

    const text = repoFile(addresses(uris(repository, is.os), urisIn(is.repo.text ?? ''), is.offer));
    const changes: Change[] = [];
    if (is.builder !== null && !is.builder.enabled && Number(majorOf(is.os)) >= 8) changes.push(enableBuilder(is.builder));
    const files: Change[] = [];
    if (is.key.text !== key.text) files.push(writeFile(KEY_FILE, key.text, is.key));
    if (!is.trusted.some((digits) => key.fingerprint.toLowerCase().endsWith(digits))) files.push(trust(key.fingerprint));
    if (is.repo.text !== text) files.push(writeFile(REPO_FILE, text, is.repo));
    return [...changes, ...files, ...(files.length > 0 || !isIndexed(is.stamp, is.repo, is.key) ? [index(is.stamp)] : [])];
  },
});
