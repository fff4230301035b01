import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { manifestText } from '../../src/config/manifest-text.ts';
import { Refused } from '../../src/errors.ts';
import { manifests } from '../../src/k8s/manifests.ts';
import { dnsLabel, shorten } from '../../src/k8s/names.ts';
import type { K8sObject } from '../../src/k8s/object.ts';
import { minorOf, serverMinor } from '../../src/k8s/release.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { Secret } from '../../src/sh.ts';
import { node } from '../helpers/cluster.ts';
import { pool, wanted } from './wishes.ts';

const KEY = new Secret('s3cret');
const made = (cluster: Cluster, minor: number) => manifests(cluster, minor, KEY);
const kinds = (objects: readonly K8sObject[]): string[] => objects.map(({ kind }) => kind);
const one = (objects: readonly K8sObject[], kind: string): K8sObject => {
  const found = objects.filter((object) => object.kind === kind);
  expect(found, kind).toHaveLength(1);
  return found[0] as K8sObject;
};
const refusal = (cluster: Cluster, minor: number, key: Secret | null = KEY): string[] => {
  try {
    manifests(cluster, minor, key);
  } catch (error) {
    if (error instanceof Refused) return error.reasons.map(({ what }) => what);
    throw error;
  }
  return [];
};

describe('the built-in plugin', () => {
  const { objects } = made(pool([wanted('plugin')]), 25);

  it('has Endpoints with the storage addresses of the servers, and a Service of the same name that selects nothing', () => {
    const endpoints = one(objects, 'Endpoints');
    const service = one(objects, 'Service');
    expect(endpoints.subsets).toEqual([{ addresses: [11, 12, 13].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 1 }] }]);
    expect(service.metadata).toEqual(endpoints.metadata);
    expect(service.spec).toEqual({ ports: [{ port: 1 }] });
  });

  it('binds volume and claim to each other, in the namespace of the pods', () => {
    const volume = one(objects, 'PersistentVolume');
    const claim = one(objects, 'PersistentVolumeClaim');
    expect(volume).toMatchObject({
      metadata: { annotations: { 'pv.beta.kubernetes.io/gid': '2000' } },
      spec: {
        glusterfs: { endpoints: one(objects, 'Endpoints').metadata.name, endpointsNamespace: 'app', path: 'gv0', readOnly: false },
        claimRef: { namespace: 'app', name: 'by-plugin' },
        storageClassName: '',
        persistentVolumeReclaimPolicy: 'Retain',
      },
    });
    expect(claim).toMatchObject({ metadata: { namespace: 'app' }, spec: { volumeName: volume.metadata.name, storageClassName: '' } });
  });

  it('shares its Endpoints between claims, and nothing else', () => {
    const two = made(pool([wanted('plugin'), wanted('plugin', { claim: 'second' })]), 25).objects;
    expect(kinds(two).filter((kind) => kind === 'Endpoints')).toHaveLength(1);
    expect(kinds(two).filter((kind) => kind === 'PersistentVolume')).toHaveLength(2);
  });

  it('leaves the root of the volume alone where no group is asked for', () => {
    const plain = made(pool([wanted('plugin', { gid: null })]), 25).objects;
    expect(kinds(plain)).toEqual(['Endpoints', 'Service', 'PersistentVolume', 'PersistentVolumeClaim']);
    expect(one(plain, 'PersistentVolume').metadata.annotations).toBeUndefined();
  });

  it('takes no names and no loopback for Endpoints', () => {
    const cluster = pool([wanted('plugin')]);
    const nodes = [node('a', { storage: 'a.example' }), node('b', { storage: '127.0.0.2' }), node('c', { storage: 'fe80::1' })];
    expect(refusal({ ...cluster, nodes }, 25)).toEqual([
      'a has the storage address a.example, which is a name',
      'b has the storage address 127.0.0.2',
      'c has the storage address fe80::1',
    ]);
  });
});

describe('what is gone', () => {
  it.each([26, 30, 34, 99])('voice 25: plugin and heketi are refused for 1.%i, with what works instead', (minor) => {
    const cluster = pool([wanted('plugin'), wanted('heketi'), wanted('host')]);
    try {
      made(cluster, minor);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Refused);
      const { reasons, exit } = error as Refused;
      expect(exit).toBe(7);
      expect(reasons.map(({ what }) => what)).toEqual([
        `by-plugin: method plugin does not work on Kubernetes 1.${minor}`,
        `by-heketi: method heketi does not work on Kubernetes 1.${minor}`,
      ]);
      for (const { why, next } of reasons) {
        expect(why).toContain('kubernetes#112015');
        expect(next).toMatch(/host .*nfs .*kadalu/);
      }
    }
  });

  it('voice 25: what is offered instead works there, and 1.25 is told of its end', () => {
    for (const method of ['host', 'nfs', 'kadalu'] as const) expect(refusal(pool([wanted(method)]), 26)).toEqual([]);
    expect(made(pool([wanted('plugin')]), 25).notes.join()).toContain('gone in 1.26');
    expect(made(pool([wanted('plugin')]), 24).notes.join()).not.toContain('gone in 1.26');
  });
});

describe('the other ways', () => {
  it('host: a local volume where the nodes mount it, and only there', () => {
    expect(one(made(pool([wanted('host')]), 31).objects, 'PersistentVolume').spec).toMatchObject({
      local: { path: '/mnt/gv0' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['kube-1', 'kube-2'] }] }],
        },
      },
    });
    expect(refusal(pool([wanted('host')], { mounts: [] }), 31)).toEqual([
      'gv0 is handed to Kubernetes by host mounts, and no node mounts it',
    ]);
  });

  it('nfs: exported to the nodes of Kubernetes alone, from a server that has bricks', () => {
    const { objects, files } = made(pool([wanted('nfs')]), 31);
    expect(one(objects, 'PersistentVolume').spec).toMatchObject({
      csi: { driver: 'nfs.csi.k8s.io', volumeAttributes: { server: '10.0.0.11', share: '/gv0' } },
    });
    expect(files.map(({ name }) => name)).toEqual(['ganesha-gv0.conf']);
    expect(files[0]?.text).toMatch(/Access_Type = None;[^}]*CLIENT {\s*Clients = 192.0.2.21, 192.0.2.22;\s*Access_Type = RW;/);
    const cluster = pool([wanted('nfs')]);
    expect(refusal({ ...cluster, nodes: cluster.nodes.slice(0, 3), mounts: [] }, 31)).toEqual([
      'gv0 would be exported by NFS, and no node may mount it',
    ]);
  });

  it('kadalu: one external storage for all claims of a volume', () => {
    const { objects } = made(pool([wanted('kadalu'), wanted('kadalu', { claim: 'second' })]), 31);
    expect(one(objects, 'KadaluStorage')).toMatchObject({
      metadata: { name: 'gv0', namespace: 'kadalu' },
      spec: { type: 'External', details: { gluster_hosts: ['10.0.0.11', '10.0.0.12', '10.0.0.13'], gluster_volname: 'gv0' } },
    });
    const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claims.map(({ spec }) => (spec as { storageClassName: string }).storageClassName)).toEqual(['kadalu.gv0', 'kadalu.gv0']);
  });

  it('heketi: the key is in the Secret and nowhere else', () => {
    const { objects, notes } = made(pool([wanted('heketi')]), 25);
    const { data } = one(objects, 'Secret');
    expect(Buffer.from((data as { key: string }).key, 'base64').toString()).toBe('s3cret');
    expect(JSON.stringify([objects.filter(({ kind }) => kind !== 'Secret'), notes])).not.toContain('s3cret');
    expect(one(objects, 'StorageClass')).toMatchObject({
      parameters: { resturl: 'http://10.0.0.11:8080', gidMin: '2000', gidMax: '2000', volumenameprefix: 'dyn' },
    });
  });

  it('heketi: may see pods and run commands in them, where it runs in Kubernetes', () => {
    const kinds = (cluster: Parameters<typeof made>[0]) => made(cluster, 25).objects.map(({ kind }) => kind);
    expect(kinds(pool([wanted('heketi')]))).toEqual([
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'Secret',
      'StorageClass',
      'PersistentVolumeClaim',
    ]);
    const role = one(made(pool([wanted('heketi')]), 25).objects, 'Role');
    expect(role.rules).toContainEqual({ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] });
    const server = { node: 'node-1', port: 8080, archive: null, ssh: { user: 'root', port: 22 } };
    expect(kinds(pool([wanted('heketi')], { heketi: { url: 'http://10.0.0.11:8080', server } }))).not.toContain('Role');
  });

  it('heketi: says all that is missing at once', () => {
    const cluster = pool([wanted('heketi', { gid: 1000, volume: 'a_b' })], { heketi: {} });
    expect(refusal({ ...cluster, nodes: cluster.nodes.slice(1) }, 25, null)).toEqual([
      'heketi.url is not set',
      "the key of Heketi's admin is not known",
      'Heketi puts 3 copies on 3 nodes, and the file has fewer servers',
      'by-heketi asks for the group 1000',
      'a_b cannot begin the name of a volume of Heketi',
    ]);
  });
});

describe('groups', () => {
  it('refuses two groups for one root', () => {
    const two = [wanted('plugin'), wanted('host', { gid: 3000 }), wanted('kadalu', { gid: 4000 })];
    expect(refusal(pool(two), 25)).toEqual(['by-plugin wants gv0 to belong to the group 2000, by-host to the group 3000']);
  });

  it('has a pod that is not root write by the group, which the volume or the pod names', () => {
    for (const method of ['plugin', 'host', 'nfs', 'kadalu', 'heketi'] as const) {
      const { objects, example } = made(pool([wanted(method)]), 25);
      const given = JSON.stringify([
        objects.map(({ metadata }) => metadata.annotations),
        objects.map(({ parameters }) => parameters),
        (one(example, 'Deployment').spec as { template: unknown }).template,
      ]);
      expect(given, method).toMatch(/"pv.beta.kubernetes.io\/gid":"2000"|"supplementalGroups":\[2000\]|"gidMin":"2000"/);
      expect(given, method).toContain('"runAsNonRoot":true');
      if (method !== 'heketi') expect(one(objects, 'Job').metadata.name).toBe(`by-${method}-gid-2000`);
    }
  });
});

describe('the text', () => {
  it('says the same to a reader of YAML 1.1 and of 1.2, whatever the names', () => {
    const word = fc.oneof(fc.constantFrom('on', 'y', 'null', '1e3', '0x1f', '1_0', '12:30', '010'), fc.stringMatching(/^[a-z0-9]{1,12}$/));
    fc.assert(
      fc.property(word, word, (claim, namespace) => {
        const cluster = pool([wanted('plugin', { claim })]);
        const { objects } = manifests(
          { ...cluster, kubernetes: { version: '1.25', namespace, volumes: cluster.kubernetes?.volumes ?? [] } },
          25,
          null,
        );
        const text = manifestText(objects);
        for (const version of ['1.1', '1.2'] as const) {
          expect(parseAllDocuments(text, { version }).map((document) => document.toJS())).toEqual(JSON.parse(JSON.stringify(objects)));
        }
      }),
    );
  });
});

describe('names', () => {
  it('are labels, however long or odd the text, and differ where it differs', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (a, b) => {
        expect(dnsLabel(a)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
        if (a !== b) expect(dnsLabel(a)).not.toBe(dnsLabel(b));
      }),
    );
    expect(dnsLabel('gv0')).toBe('gv0');
    expect(shorten('a.'.repeat(200))).toMatch(/^[a-z0-9.-]{1,252}[a-z0-9]$/);
    expect(shorten('a'.repeat(253))).toBe('a'.repeat(253));
  });
});

describe('releases', () => {
  it.each([
    ['1.25', 25],
    ['v1.27.3+rke2r1', 27],
    ['1.25+', 25],
    ['2.1', null],
    ['1', null],
    ['auto', null],
    ['1.1000', null],
  ])('%s', (text, minor) => expect(minorOf(text)).toBe(minor));

  it('takes the server of kubectl version, not the client', () => {
    const client = { clientVersion: { gitVersion: 'v1.32.4' } };
    expect(serverMinor(JSON.stringify({ ...client, serverVersion: { gitVersion: 'v1.25.16-eks-1' } }))).toBe(25);
    expect(serverMinor(JSON.stringify(client))).toBeNull();
    expect(serverMinor('')).toBeNull();
  });
});
