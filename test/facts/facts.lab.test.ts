import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { glusterdUuid, glusterProgram, pool, volumes } from '../../src/facts/gluster.ts';
import { statusSeen } from '../../src/facts/health.ts';
import { mountOf } from '../../src/facts/mounts.ts';
import { names } from '../../src/facts/names.ts';
import { debPackages } from '../../src/facts/packages.ts';
import { reachable } from '../../src/facts/ports.ts';
import { factAnswers, factScript } from '../../src/facts/script.ts';
import { service } from '../../src/facts/services.ts';
import { plain, systemFacts } from '../../src/facts/system.ts';
import { peerProbe, volumeCreate } from '../../src/gluster/command.ts';
import { isMember } from '../../src/gluster/pool.ts';
import { glusterSh } from '../../src/gluster/prelude.ts';
import { quickSh, quiet } from '../../src/gluster/quick.ts';
import type { Answers, FactSet } from '../../src/model/fact.ts';
import { Sh, sh } from '../../src/sh.ts';
import { isRemains } from '../../src/steps/brick/judge.ts';
import { brickState } from '../../src/steps/brick/state.ts';
import { glusterdState } from '../../src/steps/pool/glusterd-state.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';

const NONCE = 'b0b0feedb0b0feedb0b0feedb0b0feed';

let lab: Lab;
let one: LabNode;
let two: LabNode;
let three: LabNode;

beforeAll(async () => {
  lab = await openLab({ name: 'facts', nodes: 3, disks: ['2G', '2G'] });
  [one, two, three] = lab.nodes as [LabNode, LabNode, LabNode];
}, 600_000);

afterAll(async () => {
  await lab?.down();
});

const ask = async <F extends FactSet>(node: LabNode, facts: F): Promise<Answers<F>> => {
  const list = Object.values(facts);
  const { stdout } = await node.exec(factScript(list, NONCE));
  const answers = factAnswers(list, stdout, NONCE, { node: node.name });
  return Object.fromEntries(
    Object.entries(facts).map(([k, f]) => [k, f.parse(answers.get(f.id) ?? { stdout: '', code: 1 })]),
  ) as Answers<F>;
};

const ok = async (node: LabNode, script: string): Promise<string> => {
  const { stdout, stderr, code } = await node.exec(script, { timeoutMs: 300_000 });
  expect({ script, code, stderr: code === 0 ? '' : stderr }).toEqual({ script, code: 0, stderr: '' });
  return stdout.trim();
};

/** Every file with type, mode, owner, size, time of change and content; and every unit with its state. */
const listing = (node: LabNode): Promise<string> =>
  ok(
    node,
    `find / -xdev -path /var/log/journal -prune -o -printf '%p %y %m %u:%g %s %T@ %l\\n' | sort
     find /etc /var/lib /var/cache -xdev -type f -exec cksum {} + | sort -k3
     systemctl list-units --all --plain --no-legend --no-pager | awk '{print $1, $2, $3, $4}' | sort`,
  );

const gluster = (node: LabNode, words: Sh) => node.exec(`set -eu\n${glusterSh}\ng ${words.text}`, { timeoutMs: 120_000 });

const bricks = (volume: string, ...nodes: string[]) => nodes.map((node) => ({ node, path: `/data/brick1/${volume}` }));
const layout = (name: string, ...nodes: string[]) => ({
  name,
  type: 'replicate' as const,
  setSize: 3,
  redundancy: 0,
  bricks: bricks(name, ...nodes),
});

describe('facts of a bare node', () => {
  test('tell what it is, and change nothing', async () => {
    const before = await listing(two);
    const facts = await ask(two, systemFacts());
    const again = await ask(two, systemFacts());
    expect(await listing(two)).toBe(before);

    expect(facts.os).toMatchObject({ id: 'debian', codename: 'bookworm', family: 'debian', arch: { machine: 'x86_64', deb: 'amd64' } });
    expect(facts.machine).toMatchObject({ container: true, virtualisation: 'lxc', init: 'systemd' });
    expect(facts.addresses.hostname).toBe('node-2');
    expect(facts.addresses.addresses.map((a) => a.address)).toContain(two.address);
    expect(facts.gluster).toEqual({ version: null, server: false, client: false, glusterd2: false });
    expect(facts.glusterd2).toBe(null);
    expect(facts.pool).toEqual({ ok: true, value: { peers: [] } });
    expect(facts.rpm).toBeNull();
    expect(facts.services?.get('glusterd.service')?.load).toBe('not-found');
    expect(facts.listening.has(22)).toBe(true);
    expect(facts.firewall.active).toBeNull();
    expect(facts.repositories.flatMap((r) => r.uris)).toContain('http://debian.example/debian');
    const still = ({ clock: _, machine: __, ...rest }: typeof facts) => plain(rest);
    expect(still(again)).toEqual(still(facts));
  });

  test('tell GlusterD 2 by what it answers, and what it has, although nothing of it is installed', async () => {
    // Bodies as glusterd2's pkg/api and plugins/device/api write them; the real one is not to be had any more.
    const answers = {
      '/version': '{"glusterd-version":"v6.0-dev.108","api-version":1}',
      '/v1/peers': '[{"id":"a","name":"gd2-1","peer-addresses":["10.0.0.1:24008"],"online":true},{"id":"b","name":"gd2-2","online":false}]',
      '/v1/volumes': '[{"id":"c","name":"v1","type":"Replicate","state":"Started","subvols":[]}]',
      '/v1/devices': '{"errors":[{"code":1,"message":"unauthorized"}]}',
    };
    const cases = Object.entries(answers).map(([path, body]) => `'${path}' => '${body}'`);
    await ok(
      two,
      `cat >/root/gd2.pl <<'END'
use IO::Socket::INET;
my %said = (${cases.join(', ')});
my $at = IO::Socket::INET->new(LocalPort => 24007, Listen => 5, ReuseAddr => 1) or die;
while (my $c = $at->accept) {
  my ($path) = split / /, substr(<$c>, 4);
  1 while <$c> =~ /[^\\r\\n]/;
  print $c "HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n$said{$path}\\n";
  close $c;
}
END
systemd-run -q --unit=gd2 perl /root/gd2.pl
until grep -q ':5DC7 ' /proc/net/tcp; do sleep 0.1; done`,
    );
    const { gluster, glusterd2, state } = await ask(two, {
      gluster: systemFacts().gluster,
      glusterd2: systemFacts().glusterd2,
      state: glusterdState,
    });
    await ok(two, 'systemctl stop gd2; rm /root/gd2.pl');
    expect([gluster.glusterd2, state.glusterd2]).toEqual([true, true]);
    expect(glusterd2).toEqual({
      version: 'v6.0-dev.108',
      peers: [
        { name: 'gd2-1', online: true },
        { name: 'gd2-2', online: false },
      ],
      volumes: [{ name: 'v1', type: 'Replicate', state: 'Started' }],
      devices: null,
    });
  });

  test('tell blank disks from the one in use', async () => {
    const { disks, mount, root } = await ask(one, {
      disks: systemFacts().disks,
      mount: mountOf('/data/brick1/gv0'),
      root: mountOf('/srv/gv0'),
    });
    const of = (name: string) => disks.find((d) => d.name === name);
    expect(of('vdb')).toMatchObject({ usable: true, size: 2 * 2 ** 30, reasons: [] });
    expect(of('vdc')?.usable).toBe(true);
    expect(of('vdd')?.reasons.map((r) => r.code)).toEqual(expect.arrayContaining(['mounted', 'filesystem']));
    expect(mount).toMatchObject({ onRoot: false, isMountPoint: false, mount: { target: '/data/brick1', fstype: 'xfs' } });
    expect(root.onRoot).toBe(true);
  });

  test('tell whom it reaches', async () => {
    const hosts = lab.nodes.map((n) => `${n.address} ${n.name}`).join('\n');
    for (const node of lab.nodes) await ok(node, `echo '${hosts}' >>/etc/hosts`);
    const { reach, who } = await ask(one, {
      reach: reachable([
        { host: 'node-2', port: 22 },
        { host: 'node-2', port: 24007 },
        { host: 'nobody.invalid', port: 24007 },
      ]),
      who: names(['node-1', 'node-2', 'nobody.invalid']),
    });
    expect([...reach.values()]).toEqual(['open', 'refused', 'unresolvable']);
    expect(who.get('node-2')).toEqual([two.address]);
    expect(who.get('nobody.invalid')).toEqual([]);
    await three.unplug();
    const cut = await ask(one, { reach: reachable([{ host: three.address, port: 22 }]) });
    await three.plug();
    expect([...cut.reach.values()]).toEqual(['filtered']);
  });
});

describe('facts of a Gluster node', () => {
  beforeAll(async () => {
    await Promise.all(
      lab.nodes.map((node) => ok(node, 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get install -qy glusterfs-server attr')),
    );
  }, 600_000);

  test('say what is installed, held and asked for by hand', async () => {
    await ok(one, 'apt-mark hold glusterfs-server');
    const { deb, program } = await ask(one, { deb: debPackages({ sources: ['glusterfs'] }), program: glusterProgram });
    expect(deb?.get('glusterfs-server')).toMatchObject({ version: '10.3-5', state: 'installed', hold: true, auto: false });
    expect(deb?.get('libglusterfs0')).toMatchObject({ source: 'glusterfs', hold: false, auto: true });
    expect(program).toMatchObject({ version: '10.3', server: true, client: true });
  });

  test('do not make a fresh glusterd think up a UUID', async () => {
    for (const node of lab.nodes) await ok(node, 'systemctl start glusterd');
    const facts = await ask(one, { service: service('glusterd.service'), pool, volumes, glusterdUuid });
    expect(facts.service).toMatchObject({ load: 'loaded', active: 'active', file: 'disabled' });
    expect(facts.pool).toEqual({ ok: true, value: { peers: [] } });
    expect(facts.glusterdUuid).toBeNull();
    expect(await ok(one, '! grep -s UUID /var/lib/glusterd/glusterd.info')).toBe('');
  });

  test('show the pool grow, and a volume on it', async () => {
    for (const peer of ['node-2', 'node-3', 'node-2']) expect(await gluster(one, peerProbe(peer))).toMatchObject({ code: 0, stderr: '' });
    expect(await gluster(one, peerProbe('nobody.invalid'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Transport endpoint is not connected'),
    });
    let members = 0;
    for (let i = 0; i < 40 && members < 3; i++) {
      const { pool: seen } = await ask(one, { pool });
      members = seen.ok ? seen.value.peers.filter(isMember).length : 0;
    }
    expect(members).toBe(3);
    expect((await ask(one, { glusterdUuid })).glusterdUuid).toMatch(/^[0-9a-f-]{36}$/);
    // Connected is not yet connected to everybody: the create may be refused for half a second.
    let created = await gluster(one, volumeCreate(layout('gv0', 'node-1', 'node-2', 'node-3')));
    for (let i = 0; i < 20 && /not connected/.test(created.stderr); i++)
      created = await gluster(one, volumeCreate(layout('gv0', 'node-1', 'node-2', 'node-3')));
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(await gluster(one, sh`volume start gv0`)).toMatchObject({ code: 0 });
    expect(await gluster(one, sh`volume start gv0`)).toMatchObject({ code: 1, stderr: expect.stringContaining('already started') });
    const { volumes: all, status } = await ask(two, { volumes, status: statusSeen });
    expect(all).toMatchObject({ ok: true, value: [{ name: 'gv0', status: 'started', type: 'replicate', setSize: 3 }] });
    const gv0 = status.get('gv0');
    const running = gv0?.ok ? gv0.value[0] : undefined;
    expect(running?.nodes.filter((n) => n.path.startsWith('/')).map((n) => n.online)).toEqual([true, true, true]);
  });

  test('ask gluster without its Python, which says the same', async () => {
    const info = 'gluster --mode=script --xml volume info';
    const script = sh`
      ${quickSh}
      with=$(${Sh.raw(info)})
      without=$(quick; ${Sh.raw(info)} 2>&1 | sed ${quiet})
      [ "$with" = "$without" ] && echo same
      # What is not asked about is not there: else that Python would have run.
      gluster volume geo-replication status 2>&1 | grep -c 'unrecognized word'
      (quick; gluster volume geo-replication status 2>&1) | grep -c 'unrecognized word'
      (quick; python3 -c 'print(1)') 2>/dev/null
      echo $?
      python3 -c 'print(1)'`;
    expect((await one.exec(script.text)).stdout).toBe('same\n0\n1\n1\n1\n');
  });

  test('tell what a failed create has left from a brick', async () => {
    await ok(one, 'mkdir -p /data/brick1/gv1 && setfattr -n trusted.gfid -v 0x00000000000000000000000000000001 /data/brick1/gv1');
    const failed = await gluster(two, volumeCreate(layout('gv1', 'node-2', 'node-3', 'node-1')));
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('already part of a volume') });
    const paths = { left: '/data/brick1/gv1', used: '/data/brick1/gv0', never: '/data/brick1/gv9', inside: '/data/brick1/gv0/below' };
    const { left, used, never, inside } = await ask(two, {
      left: brickState(paths.left),
      used: brickState(paths.used),
      never: brickState(paths.never),
      inside: brickState(paths.inside),
    });
    expect(left).toMatchObject({ kind: 'directory', volume: null, content: 'empty', marks: [{ path: paths.left, gfid: null }] });
    expect(isRemains(paths.left, left)).toBe(true);
    expect(used).toMatchObject({ kind: 'directory', volume: 'gv0', member: 'gv0' });
    expect(isRemains(paths.used, used)).toBe(false);
    expect(never).toMatchObject({ kind: 'none', missing: [paths.never], marks: [] });
    expect(inside).toMatchObject({ kind: 'none', marks: [{ path: paths.used }] });
  });

  test('say that marks cannot be read, not that there are none, where getfattr is missing', async () => {
    await ok(three, 'mv /usr/bin/getfattr /usr/bin/getfattr.away');
    const { used } = await ask(three, { used: brickState('/data/brick1/gv0') });
    await ok(three, 'mv /usr/bin/getfattr.away /usr/bin/getfattr');
    expect(used).toMatchObject({ kind: 'directory', marks: null, volume: null, member: 'gv0' });
    expect(isRemains('/data/brick1/gv0', used)).toBe(false);
  });
});
