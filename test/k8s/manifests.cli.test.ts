import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanEnv, glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';

const FILE = (entry: string): string => `apiVersion: glusterctl/v1
kind: Cluster
name: prod
gluster: { version: "10" }
nodes:
  - { name: node-1, address: 10.0.0.11 }
  - { name: node-2, address: 10.0.0.12 }
  - { name: node-3, address: 10.0.0.13 }
volumes:
  - { name: gv0, type: replicate, replica: 3, bricks: ["node-1:/data/brick1/gv0", "node-2:/data/brick1/gv0", "node-3:/data/brick1/gv0"] }
heketi: { url: "http://10.0.0.11:8080" }
kubernetes: { version: "1.25", namespace: app, volumes: [${entry}] }
`;
const PLUGIN = '{ volume: gv0, claim: data, size: 10Gi, method: plugin }';
const HEKETI = '{ volume: dyn, claim: dynamic, size: 1Gi, method: heketi }';

const desk = (entry: string) => {
  const cwd = folder();
  writeFileSync(join(cwd, 'cluster.yaml'), FILE(entry));
  return {
    cwd,
    k8s: (...args: string[]) =>
      glusterctl(['k8s', 'manifests', ...args], { cwd, env: cleanEnv(cwd, { KUBECONFIG: '/dev/null', GLUSTERCTL_HEKETI_KEY: 's3cret' }) }),
  };
};

describe('glusterctl k8s manifests', () => {
  it('takes the release of the file, and --version before it, wherever that stands', () => {
    const { cwd, k8s } = desk(PLUGIN);
    expect(k8s()).toMatchObject({ code: 0, stdout: expect.stringContaining('kind: Endpoints') });
    for (const args of [['--version', '1.26'], ['--version=1.26']]) {
      expect(k8s(...args)).toMatchObject({ code: 7, stdout: '', stderr: expect.stringContaining('does not work on Kubernetes 1.26') });
    }
    expect(k8s('--version', 'new')).toMatchObject({ code: 2 });
    expect(glusterctl(['--version'], { cwd, env: cleanEnv(cwd) })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d/) });
  });

  it('writes a file an object, takes back its own, and leaves those of others', () => {
    const { cwd, k8s } = desk(`${PLUGIN}, ${HEKETI}`);
    const out = join(cwd, 'out');
    expect(k8s('--out', 'out')).toMatchObject({ code: 0 });
    const written = readdirSync(out);
    expect(written).toContain('01-endpoints-glusterfs-prod.yaml');
    expect(readdirSync(join(out, 'example'))).toHaveLength(2);
    const secret = join(out, written.find((name) => name.includes('secret')) ?? '');
    expect([(statSync(secret).mode & 0o777).toString(8), readFileSync(secret, 'utf8')]).toEqual([
      '600',
      expect.stringContaining('czNjcmV0'),
    ]);

    writeFileSync(join(out, 'kustomization.yaml'), 'resources: []\n');
    writeFileSync(join(cwd, 'cluster.yaml'), FILE(PLUGIN));
    expect(k8s('--out', 'out')).toMatchObject({ code: 0 });
    expect(existsSync(secret)).toBe(false);
    expect(readFileSync(join(out, 'kustomization.yaml'), 'utf8')).toBe('resources: []\n');
  });

  it('does not write over what somebody else wrote', () => {
    const { cwd, k8s } = desk(PLUGIN);
    mkdirSync(join(cwd, 'out'));
    writeFileSync(join(cwd, 'out', '02-service-glusterfs-prod.yaml'), 'mine\n');
    expect(k8s('--out', 'out')).toMatchObject({ code: 7, stderr: expect.stringContaining('was not written by glusterctl') });
    expect(readdirSync(join(cwd, 'out'))).toEqual(['02-service-glusterfs-prod.yaml']);
  });

  it('says so when there is no cluster to ask, and applies nothing', () => {
    const { k8s } = desk(PLUGIN);
    for (const args of [['--apply'], ['--version', 'auto']]) {
      expect(k8s(...args)).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringMatching(/kubectl.*(did not reach the cluster|not installed)/),
      });
    }
    expect(k8s('--apply', '--out', 'x')).toMatchObject({ code: 2 });
  });
});
