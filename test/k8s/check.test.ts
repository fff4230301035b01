import { describe, expect, it } from 'vitest';
import { seenOf } from '../../src/k8s/check/answers.ts';
import { mountError } from '../../src/k8s/check/mount-errors.ts';
import { bytesOf } from '../../src/k8s/check/quantity.ts';
import { explain } from '../../src/k8s/check/rules.ts';
import { manifests } from '../../src/k8s/manifests.ts';
import type { KubernetesVolume } from '../../src/model/cluster.ts';
import { pool, wanted } from './wishes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of kubectl, which each test changes somewhere else
type Loose = any;

const pod = (claim: string, events: string[] = [], over: Loose = {}): Loose[] => [
  {
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'app' },
    spec: { nodeName: 'kube-1', volumes: [{ persistentVolumeClaim: { claimName: claim } }], ...over },
    status: { phase: events.length > 0 ? 'Pending' : 'Running' },
  },
  ...events.map((message, n) => ({
    kind: 'Event',
    metadata: { name: `e${n}`, namespace: 'app' },
    type: 'Warning',
    reason: message.includes('available') ? 'FailedScheduling' : 'FailedMount',
    involvedObject: { kind: 'Pod', name: 'web-1' },
    lastTimestamp: `2026-01-02T03:04:0${n}Z`,
    message,
  })),
];

/** A cluster that was given the manifests of one claim, all bound, with the nodes and drivers it needs. */
const healthy = (method: KubernetesVolume['method'], minor: number): Loose[] => {
  const { objects } = manifests(pool([wanted(method)]), Math.min(minor, 25), null);
  return [
    ...structuredClone(objects).map((object) => ({ ...object, status: { phase: 'Bound' } })),
    ...['kube-1', 'kube-2'].map((name) => ({ kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } })),
    { kind: 'CSIDriver', metadata: { name: 'nfs.csi.k8s.io' } },
  ];
};

const explained = (method: KubernetesVolume['method'], minor: number, items: readonly Loose[]) =>
  explain(pool([wanted(method)]), 'app', wanted(method), seenOf(minor, [{ kind: 'List', items }]));

const of = (items: readonly Loose[], kind: string): Loose => items.find((item) => item.kind === kind);

describe('k8s check', () => {
  it.each([
    ['plugin', 25],
    ['host', 31],
    ['nfs', 31],
  ] as const)('has nothing to say of %s on 1.%i when all is well', (method, minor) => {
    expect(explained(method, minor, [...healthy(method, minor), ...pod(`by-${method}`)])).toEqual([]);
  });

  it('voice 25: says that the plugin is gone, where Kubernetes calls the claim bound', () => {
    const [report, ...more] = explained('plugin', 27, healthy('plugin', 27));
    expect(more).toEqual([]);
    expect(report?.why).toContain('1.27 has none');
    expect(report?.next).toContain('host');
  });

  it('voice 25: says so of a storage class too, which waits for a provisioner for ever', () => {
    const items = [
      {
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'by-heketi', namespace: 'app' },
        spec: { storageClassName: 'slow' },
        status: { phase: 'Pending' },
      },
      { kind: 'StorageClass', metadata: { name: 'slow' }, provisioner: 'kubernetes.io/glusterfs' },
    ];
    expect(explained('heketi', 26, items).map(({ what }) => what)).toEqual(['its storage class is for kubernetes.io/glusterfs']);
  });

  /** Changes one field in place. */
  const put = (thing: Loose, path: string, value: unknown): undefined => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    keys.reduce((at, key) => at[key], thing)[last] = value;
  };

  type Break = (items: Loose[]) => Loose[] | undefined;
  it.each<[string, KubernetesVolume['method'], Break, RegExp]>([
    ['no claim', 'plugin', (all) => all.filter(({ kind }) => kind !== 'PersistentVolumeClaim'), /^it is not in the namespace app$/],
    ['no volume', 'plugin', (all) => all.filter(({ kind }) => kind !== 'PersistentVolume'), /^its volume app-by-plugin is not there$/],
    [
      'another namespace',
      'plugin',
      (all) => put(of(all, 'PersistentVolume'), 'spec.claimRef.namespace', 'web'),
      /is for the claim by-plugin in the namespace web$/,
    ],
    ['released', 'plugin', (all) => put(of(all, 'PersistentVolume'), 'status.phase', 'Released'), /is released/],
    [
      'a class',
      'plugin',
      (all) => put(of(all, 'PersistentVolumeClaim'), 'spec.storageClassName', 'standard'),
      /class "standard", and app-by-plugin has ""/,
    ],
    [
      'too much',
      'plugin',
      (all) => put(of(all, 'PersistentVolumeClaim'), 'spec.resources.requests.storage', '11Gi'),
      /asks for 11Gi, and app-by-plugin has 10Gi/,
    ],
    ['a mode', 'plugin', (all) => put(of(all, 'PersistentVolume'), 'spec.accessModes', ['ReadWriteOnce']), /asks for ReadWriteMany/],
  ])('explains a pending claim: %s', (_what, method, harm, said) => {
    const items = healthy(method, 25);
    of(items, 'PersistentVolumeClaim').status.phase = 'Pending';
    expect(explained(method, 25, harm(items) ?? items).map(({ what }) => what)).toEqual([expect.stringMatching(said)]);
  });

  it.each<[string, KubernetesVolume['method'], Break, RegExp]>([
    ['no Endpoints', 'plugin', (all) => all.filter(({ kind }) => kind !== 'Endpoints'), /Endpoints glusterfs-prod .* are not there/],
    ['empty Endpoints', 'plugin', (all) => put(of(all, 'Endpoints'), 'subsets', []), /have no addresses/],
    ['a server less', 'plugin', (all) => void of(all, 'Endpoints').subsets[0].addresses.pop(), /lack 10.0.0.13 \(node-3\)/],
    ['no Service', 'plugin', (all) => all.filter(({ kind }) => kind !== 'Service'), /have no Service/],
    ['a selector', 'plugin', (all) => put(of(all, 'Service'), 'spec.selector', { app: 'x' }), /has a selector/],
    ['no group', 'plugin', (all) => void delete of(all, 'PersistentVolume').metadata.annotations, /do not get the group 2000/],
    ['no driver', 'nfs', (all) => all.filter(({ kind }) => kind !== 'CSIDriver'), /nfs.csi.k8s.io is not installed/],
    ['a strange node', 'host', (all) => all.filter(({ metadata }) => metadata.name !== 'kube-2'), /^kube-2: no node of Kubernetes/],
  ])('sees what stands in the way of a mount: %s', (_what, method, harm, said) => {
    const items = healthy(method, 25);
    expect(explained(method, 25, harm(items) ?? items).map(({ what }) => what)).toEqual([expect.stringMatching(said)]);
  });

  it('takes the last word on a pod, and none on a pod that runs', () => {
    const events = ['MountVolume.SetUp failed: permission denied', "MountVolume.SetUp failed: mount: unknown filesystem type 'glusterfs'"];
    const items = [...healthy('plugin', 25), ...pod('by-plugin', events)];
    expect(explained('plugin', 25, items).map(({ what }) => what)).toEqual(['pod web-1 on kube-1: the node has no mount.glusterfs']);
    of(items, 'Pod').status.phase = 'Running';
    expect(explained('plugin', 25, items)).toEqual([]);
  });
});

/** As users have reported them. */
const REPORTED: readonly [source: string, message: string, what: RegExp][] = [
  [
    'rancher/rke2#4770',
    'Unable to attach or mount volumes: unmounted volumes=[gluster-volume], unattached volumes=[], failed to process volumes=[gluster-volume]: failed to get Plugin from volumeSpec for volume "gluster-pv" err=no volume plugin matched',
    /plugin is not in this kubelet/,
  ],
  [
    'kubernetes/kubernetes#26547',
    "glusterfs: mount failed: Mount failed: exit status 32\nMounting arguments: 192.168.2.15:vol0 /var/lib/kubelet/pods/4e0a85dd/volumes/kubernetes.io~glusterfs/glusterfsvol glusterfs [log-file=/var/lib/kubelet/plugins/kubernetes.io/glusterfs/glusterfsvol/glusterfs.log]\nOutput: mount: unknown filesystem type 'glusterfs'",
    /no mount.glusterfs/,
  ],
  [
    'rootsongjc/kubernetes-handbook#49',
    'MountVolume:NewMounter initialization failed for volume "glusterfsvol": endpoints "glusterfs-cluster" not found;',
    /Endpoints are not in the namespace/,
  ],
  [
    'rancher/rancher#23374',
    "Output: Mount failed. Please check the log file for more details. the following error information was pulled from the glusterfs log to help diagnose this issue: [2019-10-11 08:57:00.845388] E [glusterfsd-mgmt.c:1590:mgmt_getspec_cbk] 0-glusterfs: failed to get the 'volume file' from server",
    /do not know the volume/,
  ],
  [
    'gluster/glusterfs#658',
    "E [MSGID: 101002] [graph.y:212:volume_type] 0-parser: Volume 'vol_b4241-utime', line 24: type 'features/utime' is not valid or not found on this machine",
    /older than the servers/,
  ],
  [
    'kublr/app-gluster#1',
    'stat /var/lib/kubelet/pods/63ae3caf/volumes/kubernetes.io~glusterfs/uploads: transport endpoint is not connected',
    /does not reach/,
  ],
];

describe('what Kubernetes says of a mount', () => {
  it.each(REPORTED)('%s', (_source, message, what) => expect(mountError(message).what).toMatch(what));

  it('is passed on where it is not known', () => {
    expect(mountError('one\ntwo\nthree\nsomething new')).toEqual({ what: 'it does not start', why: 'two\nthree\nsomething new' });
  });
});

it.each([
  ['10Gi', 10 * 2 ** 30],
  ['1.5G', 1.5e9],
  ['128974848', 128974848],
  ['1e9', 1e9],
  ['5E', 5e18],
  ['ten', null],
  [undefined, null],
])('reads the quantity %s', (text, bytes) => expect(bytesOf(text)).toBe(bytes));
