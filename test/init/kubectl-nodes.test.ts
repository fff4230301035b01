import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/errors.ts';
import { answersOf } from '../../src/init/flags.ts';
import { nodeFlags } from '../../src/init/kubectl-nodes.ts';

const node = (name: string, addresses: Record<string, string>, labels: Record<string, string> = {}) => ({
  metadata: { name, labels },
  status: { addresses: Object.entries(addresses).map(([type, address]) => ({ type, address })) },
});

describe('the nodes of Kubernetes', () => {
  const list = {
    kind: 'List',
    items: [
      node(
        'kube-1',
        { ExternalIP: '203.0.113.1', InternalIP: '10.0.0.1', Hostname: 'kube-1' },
        { 'topology.kubernetes.io/zone': 'rack-a' },
      ),
      node('kube-2.example', { Hostname: 'kube-2', InternalIP: 'fd00::2' }, { 'failure-domain.beta.kubernetes.io/zone': 'rack-b' }),
      node('kube-3', { InternalIP: '10.0.0.3' }),
    ],
  };

  it('answer for hosts and zones as flags do', () => {
    const { hosts, zones } = answersOf(nodeFlags(list));
    expect(hosts?.map(({ name, address }) => [name, address])).toEqual([
      ['kube-1', '10.0.0.1'],
      ['kube-2.example', 'fd00::2'],
      ['kube-3', '10.0.0.3'],
    ]);
    expect(zones).toEqual({ 'kube-1': 'rack-a', 'kube-2.example': 'rack-b' });
  });

  it('are refused where Kubernetes has none, or knows no address', () => {
    expect(() => nodeFlags({ items: [] })).toThrow(Refused);
    expect(() => nodeFlags({ items: [...list.items, node('kube-4', { Hostname: 'kube-4' })] })).toThrow('no InternalIP of kube-4');
  });
});
