import type { Gluster } from '../model/cluster.ts';
import type { SshAnswer } from './answers.ts';
import type { DraftDisk, DraftNode, DraftVolume, FileDraft } from './draft.ts';
import { address, inline, scalar } from './yaml.ts';

/** The schema beside the file, for editors that know the YAML language server. */
export const SCHEMA_FILE = 'cluster.schema.json';

/** A comment never ends in the middle of what a host said of itself. */
const comment = (text: string): string => `# ${text.replaceAll(/[^\u0020-\u007e\u00a0-\uffff]/g, ' ').trimEnd()}`;

const after = (line: string, text: string): string => (text === '' ? line : `${line.padEnd(34)} ${comment(text)}`);

const sshLines = ({ user, port, identityFile, knownHosts, hostKeys, jump }: SshAnswer): string[] => {
  const lines = [
    ...(user === undefined ? [] : [`  user: ${scalar(user)}`]),
    ...(port === undefined ? [] : [`  port: ${port}`]),
    ...(identityFile === undefined ? [] : [`  identityFile: ${scalar(identityFile)}`]),
    ...(knownHosts === undefined ? [] : [`  knownHosts: ${scalar(knownHosts)}`]),
    ...(hostKeys === undefined ? [] : [`  hostKeys: ${hostKeys}`]),
    ...(jump === undefined ? [] : [`  jump: ${scalar(jump)}`]),
  ];
  return lines.length === 0
    ? []
    : ['', comment('How to log in; each node may override any of it with an ssh: of its own.'), 'ssh:', ...lines];
};

const FROM: Readonly<Record<Gluster['source'], string>> = {
  upstream: 'download.gluster.org',
  distro: 'the packages of the distribution',
  ppa: "Gluster's PPA",
  'centos-sig': 'the CentOS Storage SIG',
  mirror: 'a tree laid out like download.gluster.org',
};

const glusterLines = ({ version, container, source, mirror, key, fingerprint, hold, modules }: FileDraft['gluster']): string[] => [
  '',
  'gluster:',
  after(
    `  version: ${JSON.stringify(version)}`,
    version.includes('.')
      ? 'this release exactly; a series such as "10" is its newest release'
      : 'the newest release of the series; plan writes it out',
  ),
  ...(container === undefined
    ? []
    : [
        after('  use: container', 'servers run it from an image; clients mount by packages'),
        `  image: ${scalar(container.image)}`,
        `  engine: ${container.engine}`,
      ]),
  after(`  source: ${source}`, FROM[source]),
  ...(mirror === undefined ? [] : [`  mirror: ${scalar(mirror)}`]),
  ...(key === undefined ? [] : [`  key: ${scalar(key)}`]),
  ...(fingerprint === undefined ? [] : [`  fingerprint: ${scalar(fingerprint)}`]),
  ...(hold === undefined
    ? []
    : [after(`  hold: ${hold}`, hold ? 'no upgrade of the system moves the packages' : 'the packages are not held')]),
  ...(modules === undefined ? [] : [`  modules: [${modules.map(scalar).join(', ')}]`]),
];

const diskLine = ({ by, value, use, mount, was }: DraftDisk): string =>
  after(`      - ${inline({ [by]: scalar(value), use, mount: scalar(mount) })}`, was === '' || was === value ? '' : `was ${was}`);

const nodeLines = ({ name, address: at, storage, zone, roles, user, port, disks, system }: DraftNode): string[] => {
  const ssh =
    user === undefined && port === undefined
      ? undefined
      : inline({ user: user && scalar(user), port: port === undefined ? undefined : `${port}` });
  const onlyServer = roles.length === 1 && roles[0] === 'server';
  return [
    after(`  - name: ${scalar(name)}`, system),
    `    address: ${address(at)}`,
    ...(storage === undefined ? [] : [`    storage: ${address(storage)}`]),
    ...(zone === undefined ? [] : [`    zone: ${scalar(zone)}`]),
    ...(onlyServer ? [] : [`    roles: [${roles.join(', ')}]`]),
    ...(ssh === undefined ? [] : [`    ssh: ${ssh}`]),
    ...(disks.length === 0 ? [] : ['    disks:', ...disks.map(diskLine)]),
  ];
};

const replicaOf = ({ layout }: DraftVolume): string[] => {
  const { type, setSize, redundancy } = layout;
  if (type === 'distribute') return [];
  return [`    replica: ${type === 'disperse' ? inline({ data: `${setSize - redundancy}`, redundancy: `${redundancy}` }) : setSize}`];
};

const volumeLines = (volume: DraftVolume): string[] => {
  const { name, layout, bricks, options, start, note } = volume;
  const set = Object.entries(options);
  return [
    ...(note === '' ? [] : [`  ${comment(note)}`]),
    `  - name: ${scalar(name)}`,
    `    type: ${layout.type}`,
    ...replicaOf(volume),
    ...(layout.allow.length === 0 ? [] : [after(`    allow: [${layout.allow.join(', ')}]`, 'risks taken knowingly')]),
    '    bricks:',
    ...bricks.map((brick) => `      - ${scalar(brick)}`),
    ...(set.length === 0 ? [] : ['    options:', ...set.map(([key, value]) => `      ${scalar(key)}: ${JSON.stringify(value)}`)]),
    ...(start ? [] : ['    start: false']),
  ];
};

const section = (title: string, key: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', comment(title), `${key}:`, ...lines];

const LEFT: Readonly<Record<FileDraft['leave'][number], string>> = {
  firewall: 'the firewall is not touched',
  hosts: 'the names resolve already',
  time: 'the clocks are kept by something else',
};

/** cluster.yaml, with comments. */
export const fileText = (draft: FileDraft): string => {
  const { name, ssh, gluster, nodes, volumes, mounts, kubernetes, leave } = draft;
  const lines = [
    `# yaml-language-server: $schema=./${SCHEMA_FILE}`,
    comment('Written by `glusterctl init`. Change it as you like: `glusterctl validate` checks it, `glusterctl plan` shows what'),
    comment('would be done, and `glusterctl apply` does it.'),
    'apiVersion: glusterctl/v1',
    'kind: Cluster',
    `name: ${scalar(name)}`,
    ...sshLines(ssh),
    ...glusterLines(gluster),
    ...section('Peers and bricks are named by these names. zone: RACK groups nodes that fail together.', 'nodes', nodes.flatMap(nodeLines)),
    ...section('Consecutive bricks form a set.', 'volumes', volumes.flatMap(volumeLines)),
    ...section(
      'Where clients mount volumes.',
      'mounts',
      mounts.map(
        (m) =>
          `  - ${inline({ volume: scalar(m.volume), path: scalar(m.path), nodes: m.nodes === null ? undefined : `[${m.nodes.map(scalar).join(', ')}]` })}`,
      ),
    ),
    ...(kubernetes === null
      ? []
      : section('Volumes that pods may claim; `glusterctl k8s` makes the manifests.', 'kubernetes', [
          '  volumes:',
          `    - ${inline({ volume: scalar(kubernetes.volume), claim: scalar(kubernetes.claim), size: kubernetes.size, method: 'host' })}`,
        ])),
    ...(leave.length === 0 ? [] : ['', ...leave.map((key) => after(`${key}: leave`, LEFT[key]))]),
  ];
  return `${lines.join('\n')}\n`;
};
