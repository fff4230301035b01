import { describe, expect, it } from 'vitest';
import { classify } from '../../src/facts/disks.ts';
import { valuesFor } from '../../src/heketi/charts.ts';
import type { HeketiServer } from '../../src/model/cluster.ts';
import { firewall } from '../../src/steps/firewall.ts';
import { stableName, wanted } from '../../src/steps/heketi/devices.ts';
import { configText } from '../../src/steps/heketi/files.ts';
import { heketiInstall } from '../../src/steps/heketi-install.ts';
import { heketiLogin } from '../../src/steps/heketi-login.ts';
import { heketiService } from '../../src/steps/heketi-service.ts';
import { giversWish } from '../../src/steps/heketi-topology.ts';
import { steps } from '../../src/steps/index.ts';
import { blank } from '../facts/block-graphs.ts';
import { bookworm, cluster, file, ids, node, reasons } from '../steps/answers.ts';

const server: HeketiServer = { node: 'a', port: 8080, archive: null, ssh: { user: 'root', port: 22 } };
const raw = {
  select: { by: 'device' as const, value: '/dev/sdb' },
  link: null,
  use: 'heketi' as const,
  mount: null,
  raid: null,
  wipe: false,
};
const nodes = ['a', 'b', 'c'].map((name, i) => node(name, { storage: `10.0.0.${i + 1}`, disks: [raw] }));

/** A node with a disk sdb. */
const seen = (over: Parameters<typeof blank>[1] = {}) => ({
  disks: classify({ devices: [blank('sdb', { path: '/dev/sdb', ...over })], unknown: [] }),
  records: new Map(),
  links: new Map(),
  names: new Map(),
});
const givers = giversWish(nodes).slice(0, 1);
const want = (over: Parameters<typeof blank>[1], state: Parameters<typeof wanted>[3]) =>
  wanted('prod', givers, new Map([['a', seen(over)]]), state);

describe('without heketi.node', () => {
  it('no step of Heketi has anything to do or to ask', () => {
    const idle = cluster({ nodes, heketi: { url: 'http://10.0.0.1:8080' } });
    for (const step of steps.filter(({ id }) => id.startsWith('heketi'))) expect(step.jobs(idle), step.id).toEqual([]);
  });
});

describe('devices for Heketi', () => {
  const byId = [
    '/dev/disk/by-id/scsi-0DO_Volume_x',
    '/dev/disk/by-id/wwn-0x5000',
    '/dev/disk/by-id/lvm-pv-uuid-abc',
    '/dev/disk/by-id/usb-a:b',
  ];

  it('are named by what stays: a link, else a WWN or serial, never with a colon (voice 9)', () => {
    const [device] = seen({ byId }).disks;
    if (!device) throw new Error('no disk');
    expect(stableName({ disk: raw, device })).toBe('/dev/disk/by-id/wwn-0x5000');
    expect(stableName({ disk: { ...raw, link: 'bulk' }, device })).toBe('/dev/disk/bulk');
    expect(stableName({ disk: raw, device: { ...device, byId: byId.slice(2) } })).toBe(null);
  });

  it('are refused without such a name', () => {
    const { faults } = want({ byId: [] }, { data: false, nodes: null });
    expect(faults).toMatchObject([{ node: 'a', check: 'heketi-device', next: expect.stringContaining('link:') }]);
  });

  it('keep the name that Heketi has for what it has laid its group on, and are another Heketi’s when it does not know it', () => {
    const group = `vg_${'ab'.repeat(16)}`;
    const mine = { data: true, nodes: [{ manage: 'a', zone: 4, devices: [{ id: 'ab'.repeat(16), name: '/dev/sdq' }] }] };
    expect(want({ group, byId }, mine)).toMatchObject({
      faults: [],
      devices: [{ name: '/dev/sdq', there: true }],
      topology: { clusters: [{ nodes: [{ node: { zone: 4 }, devices: ['/dev/sdq'] }] }] },
    });
    expect(want({ group, byId }, { data: true, nodes: [] }).faults).toMatchObject([{ what: expect.stringContaining(group) }]);
    // A Heketi that is not ours is not asked: what it has by now is named like the others.
    expect(want({ group, byId }, null)).toMatchObject({ faults: [], devices: [{ name: '/dev/disk/by-id/wwn-0x5000', there: false }] });
    // It has a database but does not answer: nothing can be said.
    expect(want({ group, byId }, { data: true, nodes: null })).toMatchObject({ faults: [], devices: [] });
  });
});

describe('values for Helm charts', () => {
  const { topology } = want({ byId: ['/dev/disk/by-id/wwn-0x5000'] }, null);

  it('are the same topology, as each chart wants it', () => {
    const devices = ['/dev/disk/by-id/wwn-0x5000'];
    expect(valuesFor('ibm', topology)).toEqual({ heketiTopology: [{ k8sNodeName: 'a', k8sNodeIp: '10.0.0.1', devices }] });
    expect(valuesFor('acaleph', topology)).toEqual({
      topology: [{ node: { hostnames: { manage: ['10.0.0.1'], storage: ['10.0.0.1'] }, zone: 1 }, devices }],
    });
  });
});

describe('the steps of Heketi', () => {
  const bare = { os: bookworm, rpms: null, record: 'heketi-1', unpacked: { stamp: null, intact: false, foreign: [] } };

  it('install the package on EL, the archive where one is given, and refuse what is neither', () => {
    expect(ids(heketiInstall.plan({ archive: null }, { ...bare, rpms: new Map() }))).toEqual(['packages']);
    const archive = { from: 'https://example.org/h.tgz', sha256: 'a'.repeat(64) };
    expect(ids(heketiInstall.plan({ archive }, bare))).toEqual(['archive']);
    expect(heketiInstall.plan({ archive }, { ...bare, unpacked: { stamp: archive.sha256, intact: true, foreign: [] } })).toEqual([]);
    expect(reasons(() => heketiInstall.plan({ archive: null }, bare))).toEqual([expect.stringContaining('heketi.archive')]);
    const foreign = { ...bare, unpacked: { stamp: null, intact: false, foreign: ['/usr/local/bin/heketi'] } };
    expect(reasons(() => heketiInstall.plan({ archive }, foreign))).toEqual([expect.stringContaining('not from glusterctl')]);
  });

  it('agree on the same deed before and after the key is made, so that an approved plan is carried out', () => {
    const [job] = heketiLogin.jobs(cluster({ nodes, heketi: { server } }));
    if (!job) throw new Error('no job');
    const authorized = { line: null, folder: true, file: true };
    const is = (key: string | null) =>
      Object.fromEntries(
        job.nodes.map((name) => [
          name,
          { places: { user: true, home: { user: 'heketi', owner: '999:999', mode: '700' }, etc: true, key }, authorized },
        ]),
      );
    const [bareDo, knownDo] = [null, 'ecdsa-sha2-nistp256 AAAAkey x'].map((key) => heketiLogin.plan(job.want, is(key)).map((c) => c.do));
    expect(knownDo?.map(({ shown }) => shown)).toEqual(bareDo?.map(({ shown }) => shown));
    expect(knownDo?.[0]?.text).toContain('AAAAkey');
    expect(knownDo?.[0]?.text).toContain('from="10.0.0.1,127.0.0.1,::1"');
  });

  it('start what does not run, restart what runs with older files, and leave the rest', () => {
    const wish = { port: 8080, archive: true, user: 'root', sshPort: 22 };
    const unit = { load: 'loaded', active: 'active', sub: 'running', file: 'enabled', path: '/x' };
    const none = { text: null, mode: '', owner: '', parent: true };
    const bareIs = {
      service: { load: 'not-found', active: 'inactive', sub: 'dead', file: '', path: '' },
      config: { text: null, mode: '' },
      environment: none,
      unit: none,
      fresh: false,
      state: { data: false, nodes: null },
    };
    const first = heketiService.plan(wish, bareIs);
    expect(ids(first)).toEqual([
      'file:/etc/heketi/heketi.json',
      'file:/etc/heketi/heketi.env',
      'file:/etc/systemd/system/heketi.service',
      'enable',
      'start',
    ]);
    const planned = (id: string) => first.find((change) => change.id === id)?.diff?.after ?? '';
    const done = {
      service: unit,
      config: { text: configText(wish), mode: '600' },
      environment: file(planned('file:/etc/heketi/heketi.env')),
      unit: file(planned('file:/etc/systemd/system/heketi.service')),
      fresh: true,
      state: { data: true, nodes: [] },
    };
    expect(heketiService.plan(wish, done)).toEqual([]);
    expect(heketiService.plan(wish, { ...done, fresh: false })).toMatchObject([
      { id: 'start', risk: 'disruptive', title: 'restart Heketi' },
    ]);
    expect(ids(heketiService.plan(wish, { ...done, config: { text: configText(wish), mode: '644' } }))).toEqual([
      'file:/etc/heketi/heketi.json',
      'start',
    ]);
  });

  it('open its port on its node only', () => {
    const jobs = firewall.jobs(cluster({ nodes, firewall: 'manage', heketi: { server } }));
    expect(jobs.map((job) => job.want.heketi)).toEqual([8080, undefined, undefined]);
    const wish = { ...jobs[0]?.want, cluster: 'prod', own: '10.0.0.1', sources: ['10.0.0.1'], maxPort: null };
    const [change] = firewall.plan(wish, {
      firewall: { active: 'ufw', at: ['ufw'], installed: [], foreignRules: false },
      found: new Map(),
      inUse: new Set(),
      firewalld: { zone: '', open: false, runtime: new Set(), permanent: new Set(), settings: '', file: false, spare: false },
      record: file(null),
      ufw: { rules: [], v6: true },
      chains: [],
      conf: file(null),
      confEl: file(null),
    });
    expect(change?.title).toContain("and Heketi's 8080");
    expect(change?.do.text).toContain('24007,49152:60999,8080');
  });
});
