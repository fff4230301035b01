import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { kubectl as askKubectl } from '../../src/commands/k8s-kubectl.ts';
import { manifestText } from '../../src/config/manifest-text.ts';
import { manifests } from '../../src/k8s/manifests.ts';
import type { K8sObject } from '../../src/k8s/object.ts';
import { GROUP_SCRIPT } from '../../src/k8s/pods.ts';
import { LAST_WITH_PLUGIN, TESTED } from '../../src/k8s/release.ts';
import type { KubernetesVolume } from '../../src/model/cluster.ts';
import { Secret } from '../../src/sh.ts';
import { ensure } from '../helpers/debian.ts';
import { folder } from '../helpers/folder.ts';
import { judgeOf } from './schemas.ts';
import { pool, wanted } from './wishes.ts';

const minors = Array.from({ length: TESTED.last - TESTED.first + 1 }, (_, i) => TESTED.first + i);
const methodsOf = (minor: number): KubernetesVolume['method'][] =>
  minor <= LAST_WITH_PLUGIN ? ['plugin', 'heketi', 'host', 'nfs', 'kadalu'] : ['host', 'nfs', 'kadalu'];

/** All that is made for a release, with a group and without. */
const everything = (minor: number): K8sObject[] =>
  [2000, null].flatMap((gid) => {
    const volumes = methodsOf(minor).map((method) => wanted(method, { gid }));
    const { objects, example } = manifests(pool(volumes), minor, new Secret('key'));
    return [...objects, ...example];
  });

describe.each(minors)('Kubernetes 1.%i', (minor) => {
  it('publishes schemas that every manifest keeps to', () => {
    const judge = judgeOf(minor);
    const objects = everything(minor);
    const unknown = new Set(objects.filter((object) => judge(object) === null).map(({ kind }) => kind));
    // Kadalu's own kind is not in the schemas of Kubernetes.
    expect([...unknown]).toEqual(['KadaluStorage']);
    expect(objects.flatMap((object) => (judge(object) ?? []).map((wrong) => `${object.kind} ${object.metadata.name}: ${wrong}`))).toEqual(
      [],
    );
  });

  it('would not take a field that it does not know', () => {
    const volume = everything(minor).find(({ kind }) => kind === 'PersistentVolume') as K8sObject;
    expect(judgeOf(minor)({ ...volume, spec: { ...(volume.spec as object), endpoint: 'x' } })).not.toEqual([]);
  });
});

describe('kubectl', () => {
  const kubectl = (args: string[], input: string) =>
    spawnSync('kubectl', args, { input, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: '/dev/null' } });
  beforeAll(() => ensure('the test of the manifests', { kubectl: 'kubernetes-client' }));

  /** `label --local` asks no server: it reads the stream, decodes each object and prints it again. */
  const readBack = (text: string) => kubectl(['label', '--local', '-f', '-', 'read=back', '-o', 'json'], text);

  it.each([25, 34])('reads what was written for 1.%i, object by object', (minor) => {
    const objects = everything(minor);
    const { stdout, stderr, status } = readBack(manifestText(objects));
    expect([status, stderr]).toEqual([0, '']);
    const back = stdout.split(/^(?=\{)/m).map((text) => JSON.parse(text) as K8sObject);
    const labelled = objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, read: 'back' } },
    }));
    expect(back).toEqual(JSON.parse(JSON.stringify(labelled)));
  });

  it('reads namespaces and claims that YAML 1.1 would take for something else', () => {
    for (const odd of ['on', 'y', 'null', '1e3', '010', '12']) {
      const cluster = pool([wanted('plugin', { claim: odd })]);
      const { objects } = manifests(
        { ...cluster, kubernetes: { version: '1.25', namespace: odd, volumes: cluster.kubernetes?.volumes ?? [] } },
        25,
        null,
      );
      const { stderr, status } = readBack(manifestText(objects));
      expect([odd, status, stderr]).toEqual([odd, 0, '']);
    }
  });

  it('is given a stream on stdin by glusterctl as it is', async () => {
    const { objects } = manifests(pool([wanted('host')]), 31, null);
    const named = await askKubectl(['label', '--local', '-f', '-', 'read=back', '-o', 'name'], manifestText(objects));
    expect(named.trim().split('\n')).toEqual([
      'persistentvolume/app-by-host',
      'persistentvolumeclaim/by-host',
      'job.batch/by-host-gid-2000',
    ]);
  });

  it('would refuse what it cannot decode', () => {
    expect(readBack('apiVersion: v1\nkind: Service\nmetadata: { name: x, namespace: on }\n').status).toBe(1);
  });
});

it('sets the group of a directory so that files in it get it too, as root', () => {
  const root = folder();
  expect(spawnSync('sh', ['-c', GROUP_SCRIPT], { env: { PATH: process.env.PATH, GID: '2000', ROOT: root } }).status).toBe(0);
  expect([statSync(root).gid, (statSync(root).mode & 0o7777).toString(8)]).toEqual([2000, '2775']);
  expect(spawnSync('sh', ['-c', GROUP_SCRIPT], { env: { PATH: process.env.PATH, GID: '2000', ROOT: `${root}/none` } }).status).not.toBe(0);
});
