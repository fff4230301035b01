import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptPackages } from '../../src/steps/apt-packages.ts';
import { aptRepository } from '../../src/steps/apt-repository.ts';
import { glusterd } from '../../src/steps/glusterd.ts';
import { kernelModules } from '../../src/steps/kernel-modules.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';
import { reasons } from './answers.ts';
import { apply, ask, cutUnpacking, perform, photograph, planOn, sourceOf, takeBack, undoAll } from './on-node.ts';

let lab: Lab;
let node: LabNode;
beforeAll(async () => {
  lab = await openLab({ name: 'steps-apt', nodes: 1 });
  node = lab.node('node-1');
  await node.ready();
});
afterAll(() => lab?.down());

const key = () => ({ text: readFileSync(lab.repo.keyFile, 'utf8'), fingerprint: lab.repo.fingerprint });
const repository = (version: string, base = lab.repo.mirror) => ({ repository: sourceOf(base, version, key()) });
const packages = (version: string, more: { base?: string; role?: 'server' | 'client'; hold?: boolean } = {}) => ({
  ...repository(version, more.base),
  role: more.role ?? 'server',
  hold: more.hold ?? true,
});
const sh = async (script: string) => {
  const { stdout, stderr, code } = await node.exec(script, { timeoutMs: 300_000 });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
};
const versions = () =>
  sh(
    `dpkg-query -W -f='\${source:Package} \${db:Status-Status} \${Version} \${db:Status-Want}\n' | sed -n 's/^glusterfs installed //p' | sort -u`,
  );
const refusal = async (step: typeof aptRepository | typeof aptPackages, want: never) => {
  const is = await ask(node, step.facts(want));
  return reasons(() => step.plan(want, is as never)).join('\n');
};

describe('a bare node', () => {
  it('gets 10.3 where 10.4 is on offer too, answers, and is afterwards what it was', async () => {
    const want = { repo: repository('10.3', lab.repo.both), pkg: packages('10.3', { base: lab.repo.both }) };
    const before = await photograph(node);
    expect((await planOn(node, aptRepository, want.repo)).map((c) => c.id)).toHaveLength(3);
    const early = await planOn(node, aptPackages, want.pkg);
    expect(await photograph(node)).toEqual(before);

    const done = await apply(node, aptRepository, want.repo);
    const late = await planOn(node, aptPackages, want.pkg);
    expect(late.map((c) => c.do.text)).toEqual(early.map((c) => c.do.text));
    done.push(...(await apply(node, aptPackages, want.pkg)));
    expect(await versions()).toBe('10.3-1 hold');
    expect(await sh("apt-get -s -y dist-upgrade | grep -c '^Inst.*gluster' || :")).toBe('0');
    done.push(...(await apply(node, kernelModules, { modules: ['dm_thin_pool', 'fuse'], needed: [] })));
    done.push(...(await apply(node, glusterd, { container: false })));
    expect(await sh('gluster --mode=script pool list | tail -n 1')).toContain('localhost');

    const after = await photograph(node);
    for (const change of done) expect(await perform(node, change)).toMatchObject({ code: 0 });
    expect(await photograph(node)).toEqual(after);

    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
  });

  it('gets the newest release of a series, written out', async () => {
    const want = packages('10', { base: lab.repo.both, role: 'client' });
    const done = await apply(node, aptRepository, { repository: want.repository });
    const [change] = await planOn(node, aptPackages, want);
    expect(change?.title).toBe('install GlusterFS 10.4, the newest of 10 (client)');
    done.push(...(await apply(node, aptPackages, want)));
    expect(await versions()).toBe('10.4-1 hold');
    expect(await sh('dpkg-query -s glusterfs-server 2>&1 || :')).toContain('is not installed');
    await undoAll(node, done);
  });
});

describe('the packages of the distribution', () => {
  const distro = (version: string) => ({ ...packages(version), repository: { source: 'distro' as const, base: '', version, key: null } });

  it('are taken where the file says so, and a repository of before goes', async () => {
    await node.reset();
    await apply(node, aptRepository, repository('10.4'));
    const before = await photograph(node);
    const done = [
      ...(await apply(node, aptRepository, { repository: distro('10.3').repository })),
      ...(await apply(node, aptPackages, distro('10.3'))),
    ];
    expect(await versions()).toBe('10.3-5 hold');
    expect(await sh('ls /etc/apt/sources.list.d/glusterctl* /etc/apt/keyrings/glusterctl* 2>&1 || :')).not.toMatch(/^\/etc/m);
    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
    expect(await refusal(aptPackages, distro('11.1') as never)).toMatch(/does not offer GlusterFS 11.1.*10.3-5/);
    await node.reset();
  });
});

describe('another version in the file', () => {
  it('moves all packages there and back, and each move can be undone', async () => {
    const done = [...(await apply(node, aptRepository, repository('10.3'))), ...(await apply(node, aptPackages, packages('10.3')))];
    done.push(...(await apply(node, glusterd, { container: false })));
    const first = await photograph(node);

    const up = [...(await apply(node, aptRepository, repository('10.4')))];
    const [move] = await planOn(node, aptPackages, packages('10.4'));
    expect(move).toMatchObject({ title: 'move from 10.3-1 up to GlusterFS 10.4 (server)', risk: 'disruptive' });
    up.push(...(await apply(node, aptPackages, packages('10.4'))));
    expect(await versions()).toBe('10.4-1 hold');
    await undoAll(node, up);
    expect(await photograph(node)).toEqual(first);

    await apply(node, aptRepository, repository('10.4'));
    await apply(node, aptPackages, packages('10.4'));
    await apply(node, aptRepository, repository('10.3'));
    const [back] = await planOn(node, aptPackages, packages('10.3'));
    expect(back).toMatchObject({ title: 'move from 10.4-1 down to GlusterFS 10.3 (server)', risk: 'disruptive' });
    await apply(node, aptPackages, packages('10.3'));
    expect(await versions()).toBe('10.3-1 hold');
    expect(await sh('systemctl is-active glusterd')).toBe('active');
    await node.reset();
  });
});

describe('a repository that cannot be trusted or read', () => {
  it.each([
    ['unsigned', () => repository('10.3', lab.repo.unsigned), /^the signature of the repository is missing.*is not signed/s],
    [
      'signed by another key',
      () => repository('10.3', lab.repo.wrongKey),
      /^the signature of the repository is missing, or by another key.*NO_PUBKEY/s,
    ],
    [
      'of a release that is not there',
      () => repository('10.9'),
      /^the repository cannot be read.*tried .*10\/10\.9\/Debian\/bookworm.*tried .*10\.9\/Debian\/12/s,
    ],
    ['on a server that does not answer', () => repository('10.3', 'https://192.0.2.1/pub'), /^the repository cannot be read/],
  ])('%s: is refused before anything is written', async (_what, want, expected) => {
    const before = await photograph(node);
    expect(await refusal(aptRepository, want() as never)).toMatch(expected);
    expect(await photograph(node)).toEqual(before);
  });

  it('that somebody else has written down is not written down twice', async () => {
    await sh(`echo '# deb ${lab.repo.mirror}/10/LATEST/Debian/bookworm/amd64/apt bookworm main' >/etc/apt/sources.list.d/old.list`);
    expect(await refusal(aptRepository, repository('10.3') as never)).toMatch(/is in \/etc\/apt\/sources.list.d\/old.list already/);
    await sh('rm /etc/apt/sources.list.d/old.list');
  });
});

describe('a node that is in use', () => {
  const ready = async () => {
    await node.reset();
    await apply(node, aptRepository, repository('10.3'));
    const [change] = await planOn(node, aptPackages, packages('10.3'));
    if (!change) throw new Error('nothing to do');
    return change;
  };
  /** A package of the node's own. */
  const deb = (name: string, fields: string, to = '/tmp') => `
    mkdir -p /tmp/${name}/DEBIAN
    printf 'Package: ${name}\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n${fields}' >/tmp/${name}/DEBIAN/control
    dpkg-deb -b /tmp/${name} ${to}/${name}.deb >/dev/null`;

  it('loses no package to GlusterFS: what apt would remove is named, and nothing is done', async () => {
    const change = await ready();
    await sh(`${deb('stubborn', 'Conflicts: glusterfs-common\\n')}; dpkg -i /tmp/stubborn.deb`);
    const before = await photograph(node);
    const { code, stderr } = await perform(node, change);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'refused, and nothing was done: to have this version of GlusterFS, apt would also\nremove stubborn\n',
    });
    expect(await photograph(node)).toEqual(before);
  });

  it('keeps at the undo what something else needs by now, and says so', async () => {
    const change = await ready();
    await perform(node, change);
    await sh(`${deb('needy', 'Depends: libaio1\\n')}; dpkg -i /tmp/needy.deb`);
    const { code, stderr } = await takeBack(node, change);
    expect({ code, stderr }).toEqual({
      code: 121,
      stderr: expect.stringMatching(/left installed, because something else needs them by now: libaio1/),
    });
    expect(await versions()).toBe('');
    expect(await sh('dpkg-query -s libaio1')).toContain('Status: install ok installed');
  });

  it('keeps GlusterFS at the undo where something else needs that', async () => {
    const change = await ready();
    await perform(node, change);
    await sh(`${deb('needy', 'Depends: libgfapi0\\n')}; dpkg -i /tmp/needy.deb`);
    expect(await takeBack(node, change)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/stays installed, because these need it by now:\nneedy/),
    });
    expect(await versions()).toBe('10.3-1 install');
  });

  it('is not thrown out of its pool by the undo', async () => {
    const change = await ready();
    await perform(node, change);
    await sh('mkdir -p /var/lib/glusterd/peers && echo uuid=x >/var/lib/glusterd/peers/x');
    expect(await takeBack(node, change)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/still knows \/var\/lib\/glusterd\/peers\/x\n.*take the node out of the pool/),
    });
    expect(await sh('cat /var/lib/glusterd/peers/x')).toBe('uuid=x');
    expect(await versions()).toBe('10.3-1 hold');
  });

  it('keeps an account and a folder of the same name that were there before', async () => {
    await node.reset();
    await sh('useradd -m -s /bin/sh -G sudo gluster && mkdir -p /var/lib/glusterd/vols/old && echo x >/var/lib/glusterd/vols/old/info');
    const before = await photograph(node);
    const done = [...(await apply(node, aptRepository, repository('10.3'))), ...(await apply(node, aptPackages, packages('10.3')))];
    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
  });

  it('waits for whoever holds the lock of dpkg, and then says who', async () => {
    const change = await ready();
    const hold = `perl -e 'use Fcntl; open(F, ">", "/var/lib/dpkg/lock-frontend"); my $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep shift' `;
    await sh(`(${hold} 6 >/dev/null 2>&1 &) ; sleep 1`);
    const short = change.do.text.replaceAll('120', '2');
    expect(await node.exec(`(\n${short}\n)`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/locked, for more than 2 s now, by process \d+ \(perl\)/),
    });
    const { code, stdout } = await perform(node, change);
    expect({ code, waited: stdout.includes('waiting for process') }).toEqual({ code: 0, waited: true });
  });

  it('goes on after the install was killed, and the undo restores what was before it', async () => {
    const change = await ready();
    const before = await photograph(node);
    await node.exec(`setsid sh -c '${change.do.text.replaceAll("'", "'\\''")}' >/dev/null 2>&1 & p=$!
      until dpkg-query -W -f='\${db:Status-Status}\\n' glusterfs-common 2>/dev/null | grep -q -e unpacked -e half; do sleep 0.05; done
      kill -9 -$p; sleep 1; pkill -9 -x dpkg; rm -rf /tmp/tmp.*`);
    const again = await planOn(node, aptPackages, packages('10.3'));
    expect(again[0]?.do.text).toBe(change.do.text);
    expect(await perform(node, change)).toMatchObject({ code: 0, stderr: '' });
    expect(await versions()).toBe('10.3-1 hold');
    expect(await takeBack(node, change)).toMatchObject({ code: 0 });
    expect(await photograph(node)).toEqual(before);
  });

  it.each([
    ['glusterfs-common', false],
    ['glusterfs-common', true],
    ['libglusterfs0', true],
    ['glusterfs-client', false],
  ])('has %s, cut off in the middle of being unpacked, unpacked again; goes on from there: %s; then undoes it', async (name, on) => {
    const change = await ready();
    const before = await photograph(node);
    const mend = await cutUnpacking(node, name);
    expect(await perform(node, change)).toMatchObject({ code: 1, stderr: expect.stringContaining('dpkg exited unexpectedly') });
    expect(await sh(`dpkg-query -W -f='\${db:Status-Eflag}' ${name}`)).toBe('reinstreq');
    await mend();
    if (on) {
      expect(await perform(node, change)).toMatchObject({ code: 0 });
      expect(await versions()).toBe('10.3-1 hold');
    }
    expect(await takeBack(node, change)).toMatchObject({ code: 0 });
    expect(await photograph(node)).toEqual(before);
  });

  it('says what is in the logs where glusterd does not start', async () => {
    const change = await ready();
    await perform(node, change);
    await sh('echo broken >/etc/glusterfs/glusterd.vol');
    const [enable, start] = await planOn(node, glusterd, { container: false });
    if (!enable || !start) throw new Error('two changes');
    expect(await perform(node, enable)).toMatchObject({ code: 0 });
    const { code, stderr } = await perform(node, start);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^glusterd.service (does not start|has ended by itself):\n/m);
    expect(stderr).toMatch(/ E \[MSGID: 100026\].*failed to construct the graph/);
    await undoAll(node, [enable, start]);
    expect(await sh('systemctl is-enabled glusterd; systemctl is-active glusterd; :')).toMatch(/^disabled\ninactive/);
  });

  it('has too little room: what apt says about that is the error', async () => {
    const change = await ready();
    const before = await photograph(node);
    await sh('fallocate -l "$(($(df --output=avail -B1 / | tail -n 1) - 4000000))" /fill');
    expect(await perform(node, change)).toMatchObject({ code: 1, stderr: expect.stringMatching(/enough free space|No space left/) });
    await sh('rm /fill');
    expect(await takeBack(node, change)).toMatchObject({ code: 0 });
    expect(await photograph(node)).toEqual(before);
  });

  it('reads all indexes once more where a file is gone from the server, and names what cannot be had', async () => {
    const change = await ready();
    await sh('rm -f /var/lib/apt/lists/*Packages*');
    expect(await perform(node, change)).toMatchObject({ code: 0 });
    const [other] = await planOn(node, aptPackages, packages('10.9'));
    expect(await perform(node, other ?? change)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^GlusterFS 10.9 is not offered to this node by .*\noffered: 10.3-1/),
    });
  });
});
