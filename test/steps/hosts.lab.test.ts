import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hosts } from '../../src/steps/hosts.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';
import { apply, perform, photograph, undoAll } from './on-node.ts';

let lab: Lab;
let node: LabNode;
beforeAll(async () => {
  lab = await openLab({ name: 'steps-hosts', nodes: 2, loopbackName: true });
  node = lab.node('node-1');
  await node.ready();
});
afterAll(() => lab?.down());

const said = async (script: string) => (await node.exec(script)).stdout.trim();

describe('names on a node that has its own on 127.0.1.1, as cloud images do', () => {
  it('lead to the storage network, for getaddrinfo and hostname too, until the undo', async () => {
    const nodes = lab.nodes.map(({ name, address }) => ({ name, storage: address }));
    const want = { cluster: 'prod', own: 'node-1', nodes };
    const before = await photograph(node);
    const full = await said('hostname -f');
    expect(await said('getent hosts node-1')).toMatch(/^127\.0\.1\.1 /);

    const done = await apply(node, hosts, want);
    for (const { name, storage } of nodes) expect(await said(`getent ahostsv4 ${name} | cut -d ' ' -f 1 | sort -u`)).toBe(storage);
    expect(await said('hostname -f')).toBe(full);
    expect(await said('grep -c ^127.0.1.1 /etc/hosts')).toBe('0');
    for (const change of done) expect(await perform(node, change)).toMatchObject({ code: 0 });

    expect(await apply(node, hosts, { ...want, nodes: nodes.slice(0, 1) })).toHaveLength(1);
    expect(await said('getent hosts node-2 || echo nowhere')).toBe('nowhere');
    await apply(node, hosts, want);

    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
  });

  it('stay where cloud-init makes the file anew at every boot', async () => {
    await node.exec(`
      printf '#!/bin/sh\\n' >/usr/bin/cloud-init; chmod 755 /usr/bin/cloud-init; mkdir -p /etc/cloud/templates
      echo 'manage_etc_hosts: true' >/etc/cloud/cloud.cfg
      printf '## template:jinja\\n127.0.1.1 {{fqdn}} {{hostname}}\\n127.0.0.1 localhost\\n' >/etc/cloud/templates/hosts.debian.tmpl`);
    const before = await photograph(node);
    const want = { cluster: 'prod', own: 'node-1', nodes: lab.nodes.map(({ name, address }) => ({ name, storage: address })) };
    const done = await apply(node, hosts, want);
    expect(done).toHaveLength(2);
    // What cloud-init does at the next boot.
    await node.exec("sed '/^##/d' /etc/cloud/templates/hosts.debian.tmpl >/etc/hosts");
    expect(await apply(node, hosts, want)).toEqual([]);
    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
  });
});
