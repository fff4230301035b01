import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/checks/report.ts';
import { cleanEnv, glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';

/** Port 1 of this machine: nobody listens there. */
const CLUSTER = `apiVersion: glusterctl/v1
kind: Cluster
name: test
ssh: { user: root, port: 1 }
gluster: { version: "10.3", source: distro }
nodes:
  - { name: alpha, address: 127.0.0.1, storage: 192.0.2.1 }
  - { name: beta, address: localhost, storage: 192.0.2.2 }
`;

describe('glusterctl check where no node can be reached', () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'cluster.yaml'), CLUSTER);

  it('has each node as a fault in its one document, and exits with 4', () => {
    const { code, stdout, stderr } = glusterctl(['check', '--json'], { cwd });
    expect([code, stderr]).toEqual([4, '']);
    const report: CheckReport = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['v', 'cluster', 'faults', 'matrix', 'summary']);
    expect(report).toMatchObject({ v: 1, cluster: 'test', matrix: [], summary: { nodes: 2, reached: 0, stop: 2, warn: 0 } });
    expect(report.faults.map(({ id, node, severity }) => [id, node, severity]).sort()).toEqual([
      ['unreachable', 'alpha', 'stop'],
      ['unreachable', 'beta', 'stop'],
    ]);
    expect(report.faults[0]).toMatchObject({ why: expect.stringContaining('refused'), next: expect.stringContaining('sshd') });
  });

  it('says the same to a person, to stdout, and to a GitHub job as annotations', () => {
    const { code, stdout, stderr } = glusterctl(['check'], { cwd, env: cleanEnv(cwd, { GITHUB_ACTIONS: 'true' }) });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^stop {2}(alpha|beta): cannot connect to .*\[unreachable\]$/m);
    expect(stdout).toContain('test: 0 of 2 nodes looked at');
    expect(stderr.match(/^::error title=(alpha|beta)::/gm)).toHaveLength(2);
  });
});
