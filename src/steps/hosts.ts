import { z } from 'zod';
import { writeFile } from '../change.ts';
import type { Report } from '../errors.ts';
import { cloudInitHosts } from '../facts/cloud-init.ts';
import { fileState } from '../facts/file.ts';
import { names as resolve } from '../facts/names.ts';
import { os } from '../facts/os.ts';
import { CannotPlan, defineStep } from '../model/step.ts';
import { all as both, type Sh, sh } from '../sh.ts';
import { type HostsLine, ownNames, withBlock } from './hosts-file.ts';

const HOSTS = '/etc/hosts';
const LOCALHOST = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n';
/** cloud-init's templates by family of distributions; SUSE and others have names of their own, which are not looked for. */
const TEMPLATE = { debian: '/etc/cloud/templates/hosts.debian.tmpl', el: '/etc/cloud/templates/hosts.redhat.tmpl' };

const Want = z.strictObject({
  cluster: z.string().describe("Names the block, so that two pools' names can stand in one file"),
  own: z.string().describe('Name of the node itself'),
  nodes: z
    .array(z.strictObject({ name: z.string(), storage: z.string() }))
    .describe('Every node of the cluster, and where it is on the storage network'),
});
type Want = z.infer<typeof Want>;

const isAddress = (text: string): boolean => /^[0-9.]+$|:/.test(text);
const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);

/** A name that is its own storage name is left to DNS: there is nothing to write down. */
const listed = (want: Want) => want.nodes.filter(({ name, storage }) => name !== storage && !isAddress(name));

/** The one address that a storage name leads to, IPv4 first. */
const addressOf = (storage: string, found: ReadonlyMap<string, readonly string[]>): string | Report => {
  if (isAddress(storage)) return storage;
  const all = (found.get(storage) ?? []).filter((address) => !isLoopback(address));
  const v4 = all.filter((address) => !address.includes(':'));
  const one = v4.length > 0 ? v4 : all;
  if (one.length === 1 && one[0] !== undefined) return one[0];
  return {
    check: 'storage-address',
    what: one.length === 0 ? `${storage} leads to no address that other nodes could use` : `${storage} leads to ${one.join(' and ')}`,
    next: `give the IP address in cluster.yaml: storage: of the node with the address ${storage}`,
  };
};

/** Where the others cannot reach a node, or would reach another one. A single node has nobody to reach it. */
const unreachable = ({ nodes }: Want): Report[] => {
  if (nodes.length < 2) return [];
  const next = 'add storage: with the IP address of each node on the storage network';
  return nodes.flatMap(({ name, storage }, i): Report[] => {
    if (isLoopback(storage) || storage === 'local')
      return [{ check: 'storage-address', what: `the other nodes cannot reach ${name} at ${storage}, and glusterd refuses it`, next }];
    const same = nodes.slice(0, i).find((other) => other.storage === storage);
    return same === undefined
      ? []
      : [{ check: 'storage-address', what: `${name} has the storage address ${storage}, and so has ${same.name}`, next }];
  });
};

/** All names lead where the block says, for every program that asks the C library. systemd-resolved looks at the file every 2 s. */
export const resolves = (entries: readonly HostsLine[]): Sh => sh`
  set -- ${entries.flatMap(({ address, names }) => names.flatMap((name) => [name, address]))}
  tries=0
  while [ $# -gt 0 ]; do
    address=$(getent ahosts "$2" | sed -n '1s/ .*//p')
    if getent ahosts "$1" | awk -v a="$address" '$1 == a { found = 1 } END { exit !found }'; then
      shift 2
    elif [ "$tries" -lt 5 ]; then
      tries=$((tries + 1))
      sleep 1
    else
      echo "$1 leads to $(getent hosts "$1" || echo nowhere), not to $2: does /etc/nsswitch.conf have files before dns?" >&2
      exit 1
    fi
  done`;

export const hosts = defineStep({
  id: 'hosts',
  title: 'Write names to /etc/hosts',
  about: "Keeps a block in /etc/hosts that leads every node's name to its storage address, and takes the node's own name off 127.0.1.1.",
  want: Want,

  jobs: ({ name, nodes, hosts }) => {
    const all = nodes.map((node) => ({ name: node.name, storage: node.storage }));
    return hosts === 'leave' ? [] : nodes.map((node) => ({ node: node.name, want: { cluster: name, own: node.name, nodes: all } }));
  },

  facts: (want: Want) => ({
    file: fileState(HOSTS),
    found: resolve(
      listed(want)
        .map(({ storage }) => storage)
        .filter((storage) => !isAddress(storage)),
    ),
    os,
    cloudInit: cloudInitHosts,
    debianTemplate: fileState(TEMPLATE.debian),
    elTemplate: fileState(TEMPLATE.el),
  }),

  plan(want, is) {
    const reasons: Report[] = unreachable(want);
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    const before = is.file.text ?? LOCALHOST;
    const own = ownNames(before, want.cluster, want.own);
    const entries = listed(want).flatMap(({ name, storage }): HostsLine[] => {
      const address = addressOf(storage, is.found);
      if (typeof address === 'string') return [{ address, names: name === want.own ? own : [name] }];
      reasons.push(address);
      return [];
    });

    const edited = withBlock(before, want.cluster, want.own, entries);
    if (edited.open !== null) {
      reasons.push({
        check: 'hosts-file',
        what: `the block of glusterctl in ${HOSTS} has no end`,
        why: `it begins in line ${edited.open}`,
        next: 'remove what is left of it, or put its last line back',
      });
    }
    for (const { line, name, address, wanted } of edited.conflicts) {
      reasons.push({
        check: 'hosts-file',
        what: `${HOSTS} leads ${name} to ${address} (line ${line}), cluster.yaml to ${wanted}`,
        next: `take ${name} out of that line, or correct storage: in cluster.yaml, or keep the names yourself with hosts: leave`,
      });
    }
    if (is.cloudInit === 'localhost') {
      reasons.push({
        check: 'cloud-init-hosts',
        what: `cloud-init leads the node's own name to 127.0.1.1 in ${HOSTS} at every boot`,
        why: 'manage_etc_hosts is localhost',
        next: 'set manage_etc_hosts: false in /etc/cloud/cloud.cfg.d or the user data, or keep the names yourself with hosts: leave',
      });
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);

    const changes = [];
    if (is.file.text !== edited.text) {
      const change = writeFile(HOSTS, edited.text, is.file);
      changes.push({ ...change, verify: both(change.verify, resolves(entries)) });
    }
    const [path, template] = is.os.family === 'el' ? [TEMPLATE.el, is.elTemplate] : [TEMPLATE.debian, is.debianTemplate];
    if (is.cloudInit === 'rewritten' && template.text !== null) {
      const { text } = withBlock(template.text.replace(/^(127\.\S+|::1)\s.*(fqdn|hostname).*\n/gm, ''), want.cluster, want.own, entries);
      if (text !== template.text)
        changes.push({ ...writeFile(path, text, template), title: `update ${path}, which makes ${HOSTS} at every boot` });
    }
    return changes;
  },
});
