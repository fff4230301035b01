import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanEnv, glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';

const FILE = `apiVersion: glusterctl/v1
kind: Cluster
name: prod
gluster: { version: "10" }
nodes: [{ name: node-1, address: 10.0.0.11 }, { name: kube-1, address: 10.0.0.21, roles: [client] }]
volumes: [{ name: gv0, type: distribute, bricks: ["node-1:/data/brick1/gv0"] }]
mounts: [{ volume: gv0, path: /mnt/gv0 }]
kubernetes: { version: "1.31", namespace: app, volumes: [{ volume: gv0, claim: data, size: 10Gi, method: host }] }
`;

/** Plays back answers of kubectl by its first words, and keeps what it is given on stdin. */
const PLAYER = `#!/bin/sh
cd "$(dirname "$0")" || exit
echo "$*" >> calls
case "$*" in
  version*) cat version.json ;;
  apply*) cat > applied.yaml; echo persistentvolume/app-data created ;;
  'get -f '*) cat > asked.yaml ;;
  'get nodes '*) cat nodes.json ;;
  'get persistentvolumeclaims'*) cat claims.json ;;
  'get persistentvolumes'*) cat volumes.json ;;
  *) exit 1 ;;
esac
`;

const desk = (server: string) => {
  const cwd = folder();
  const put = (name: string, value: unknown) => writeFileSync(join(cwd, name), JSON.stringify(value));
  writeFileSync(join(cwd, 'cluster.yaml'), FILE);
  writeFileSync(join(cwd, 'kubectl'), PLAYER);
  chmodSync(join(cwd, 'kubectl'), 0o755);
  put('version.json', { clientVersion: { gitVersion: 'v1.20.0' }, serverVersion: { gitVersion: server } });
  const run = (...args: string[]) => glusterctl(args, { cwd, env: cleanEnv(cwd, { PATH: `${cwd}:${process.env.PATH}` }) });
  return { cwd, put, run };
};

describe('with a cluster to ask', () => {
  it('applies what it prints, without the example, and looks whether it is there', () => {
    const { cwd, run } = desk('v1.31.4+k3s1');
    const { code, stdout, stderr } = run('k8s', 'manifests', '--apply');
    expect([code, stdout]).toEqual([0, 'persistentvolume/app-data created\n']);
    expect(stderr).toContain('glusterctl k8s check');
    const applied = readFileSync(join(cwd, 'applied.yaml'), 'utf8');
    expect(applied).not.toContain('kind: Deployment');
    expect(run('k8s', 'manifests').stdout.startsWith(applied.trimEnd())).toBe(true);
    expect(readFileSync(join(cwd, 'asked.yaml'), 'utf8')).toBe(applied);
  });

  it('voice 25: applies nothing to a cluster of another release', () => {
    const { cwd, run } = desk('v1.27.3+rke2r1');
    expect(run('k8s', 'manifests', '--apply')).toMatchObject({ code: 7, stderr: expect.stringContaining('the cluster runs 1.27') });
    expect(existsSync(join(cwd, 'applied.yaml'))).toBe(false);
    expect(run('k8s', 'manifests', '--apply', '--version', 'auto')).toMatchObject({ code: 0 });
  });

  it('asks for the claims in their namespace, and ends with 9 when one waits', () => {
    const { cwd, put, run } = desk('v1.31.4');
    put('claims.json', { kind: 'List', items: [] });
    put('volumes.json', { kind: 'List', items: [] });
    expect(run('k8s', 'check')).toMatchObject({ code: 9, stdout: expect.stringContaining('data: it is not in the namespace app') });
    expect(readFileSync(join(cwd, 'calls'), 'utf8')).toMatch(/^get persistentvolumeclaims,\S+ -n app /m);
    const { stdout } = run('k8s', 'check', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, kubernetes: '1.31', well: false, claims: [{ claim: 'data', method: 'host' }] });
  });

  it('starts a cluster file from its nodes', () => {
    const { put, run } = desk('v1.31.4');
    const items = [1, 2, 3].map((n) => ({
      metadata: { name: `kube-${n}`, labels: { 'topology.kubernetes.io/zone': `rack-${n}` } },
      status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${n}` }] },
    }));
    put('nodes.json', { kind: 'List', items });
    const rest = ['--offline', '--gluster-version', '10', '--brick-path', '/data/brick1', '--dry-run'];
    const { code, stdout, stderr } = run('init', '--from-kubectl', ...rest);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    for (const n of [1, 2, 3]) expect(stdout).toContain(`name: kube-${n}\n    address: 10.0.0.${n}\n    zone: rack-${n}\n`);
    expect(run('init', '--from-kubectl', '--node', 'a=10.0.0.9', ...rest)).toMatchObject({ code: 2 });
  });
});

it('says so when no cluster answers', () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'cluster.yaml'), FILE);
  const run = (...args: string[]) => glusterctl(args, { cwd, env: cleanEnv(cwd, { KUBECONFIG: '/dev/null' }) });
  for (const args of [
    ['k8s', 'check'],
    ['init', '--from-kubectl', '--dry-run'],
  ]) {
    expect(run(...args)).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('kubectl') });
  }
});
