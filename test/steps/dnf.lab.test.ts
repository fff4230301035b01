import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dnfPackages } from '../../src/steps/dnf-packages.ts';
import { dnfRepository } from '../../src/steps/dnf-repository.ts';
import { glusterd } from '../../src/steps/glusterd.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';
import { reasons } from './answers.ts';
import { apply, ask, perform, photograph, planOn, sourceOf, takeBack, undoAll } from './on-node.ts';

let lab: Lab;
let node: LabNode;
beforeAll(async () => {
  lab = await openLab({ name: 'el-steps', nodes: 1, families: { 'node-1': 'el9' } });
  node = lab.node('node-1');
  await node.snapshot('bare');
});
afterAll(() => lab?.down());

const key = () => ({ text: readFileSync(lab.repo.keyFile, 'utf8'), fingerprint: lab.repo.fingerprint });
const repository = (version: string, base = lab.repo.rpm.mirror) => ({ repository: sourceOf(base, version, key()) });
const packages = (version: string, more: { base?: string; role?: 'server' | 'client'; hold?: boolean } = {}) => ({
  ...repository(version, more.base),
  role: more.role ?? 'server',
  hold: more.hold ?? true,
});
const sh = async (script: string) => {
  const { stdout, stderr, code } = await node.exec(script, { timeoutMs: 300_000 });
  expect({ code, stderr: code === 0 ? '' : stderr }).toMatchObject({ code: 0 });
  return stdout.trim();
};
const versions = () => sh(`rpm -qa --qf '%{SOURCERPM}\\n' | sed -n 's/^glusterfs-\\([0-9].*\\).src.rpm/\\1/p' | sort -u`);
const refusal = async (step: typeof dnfRepository | typeof dnfPackages, want: never) => {
  const is = await ask(node, step.facts(want));
  return reasons(() => step.plan(want, is as never)).join('\n');
};

describe('a bare node', () => {
  beforeEach(() => node.reset());

  it('gets 10.3 where 10.4 is on offer too (voices 4 and 7), keeps it, and is afterwards what it was', async () => {
    const want = { repo: repository('10.3'), pkg: packages('10.3') };
    const before = await photograph(node);
    expect((await planOn(node, dnfRepository, want.repo)).map((c) => c.id)).toEqual([
      'file:/etc/yum.repos.d/rocky.repo',
      'file:/etc/pki/rpm-gpg/RPM-GPG-KEY-glusterctl-gluster',
      'trust',
      'file:/etc/yum.repos.d/glusterctl-gluster.repo',
      'index',
    ]);
    const early = await planOn(node, dnfPackages, want.pkg);
    expect(early.map((c) => c.id)).toEqual(['versionlock', 'packages', 'hold']);
    expect(await photograph(node)).toEqual(before);

    const done = await apply(node, dnfRepository, want.repo);
    const late = await planOn(node, dnfPackages, want.pkg);
    expect(late.map((c) => c.do.text)).toEqual(early.map((c) => c.do.text));
    done.push(...(await apply(node, dnfPackages, want.pkg)));
    expect(await versions()).toBe('10.3-1.el9');
    expect(await sh('dnf -q versionlock list 2>/dev/null | grep -c 10.3-1.el9')).toBe('11');
    expect(await sh('dnf -y upgrade 2>&1 | tail -n 2')).toContain('Nothing to do');
    expect(await versions()).toBe('10.3-1.el9');
    expect(await sh('systemctl is-enabled glusterd || :')).toBe('disabled');
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

  it('gets the newest release of a series, written out; a client gets no server', async () => {
    const want = packages('10', { role: 'client' });
    const done = await apply(node, dnfRepository, { repository: want.repository });
    expect((await planOn(node, dnfPackages, want)).map((c) => c.title)).toContain('install GlusterFS 10.4, the newest of 10 (client)');
    done.push(...(await apply(node, dnfPackages, want)));
    expect(await versions()).toBe('10.4-1.el9');
    expect(await sh('rpm -q glusterfs-server || :')).toContain('not installed');
    await undoAll(node, done);
  });

  it('is not locked where that is not wanted, and is unlocked when it no longer is', async () => {
    await apply(node, dnfRepository, repository('10.3'));
    expect((await apply(node, dnfPackages, packages('10.3', { hold: false }))).map((c) => c.id)).toEqual(['packages']);
    const unlocked = await photograph(node);
    const locked = await apply(node, dnfPackages, packages('10.3'));
    expect(locked.map((c) => c.id)).toEqual(['versionlock', 'hold']);
    const release = await apply(node, dnfPackages, packages('10.3', { hold: false }));
    expect(await sh('cat /etc/dnf/plugins/versionlock.list')).not.toContain('gluster');
    await undoAll(node, release);
    expect(await sh('grep -c 10.3-1.el9 /etc/dnf/plugins/versionlock.list')).toBe('11');
    await undoAll(node, locked);
    expect(await photograph(node)).toEqual(unlocked);
  });
});

describe('another version in the file', () => {
  it('moves all packages and their locks there and back, and each move can be undone', async () => {
    await node.reset();
    const done = [...(await apply(node, dnfRepository, repository('10.3'))), ...(await apply(node, dnfPackages, packages('10.3')))];
    done.push(...(await apply(node, glusterd, { container: false })));
    const first = await photograph(node);

    const [move] = await planOn(node, dnfPackages, packages('10.4'));
    expect(move).toMatchObject({ title: 'move from 10.3-1.el9 up to GlusterFS 10.4 (server)', risk: 'disruptive' });
    const up = await apply(node, dnfPackages, packages('10.4'));
    expect(await versions()).toBe('10.4-1.el9');
    expect(await sh('grep -c 10.4-1.el9 /etc/dnf/plugins/versionlock.list; grep -c 10.3 /etc/dnf/plugins/versionlock.list || :')).toBe(
      '11\n0',
    );
    await undoAll(node, up);
    expect(await photograph(node)).toEqual(first);

    await apply(node, dnfPackages, packages('10.4'));
    const [back] = await planOn(node, dnfPackages, packages('10.3'));
    expect(back).toMatchObject({ title: 'move from 10.4-1.el9 down to GlusterFS 10.3 (server)', risk: 'disruptive' });
    await apply(node, dnfPackages, packages('10.3'));
    expect(await versions()).toBe('10.3-1.el9');
    expect(await sh('systemctl is-active glusterd')).toBe('active');
  });
});

describe('a repository that cannot be trusted or read', () => {
  beforeEach(() => node.reset());

  it.each([
    [
      'of a series that is not there',
      () => repository('11.1'),
      /^the repository cannot be read.*tried .*9-stream\/storage\/x86_64\/gluster-11\/.*404.*tried .*\/9\/storage/s,
    ],
    [
      'of a release that is not there',
      () => repository('10.9'),
      /^the repository has no GlusterFS 10.9 for x86_64 \| .* has 10.3, 10.4 \| /,
    ],
    ['on a server that does not answer', () => repository('10.3', 'https://192.0.2.1/pub'), /^the repository cannot be read.*tried/s],
  ])('%s: is refused before anything is written (voice 6)', async (_what, want, expected) => {
    const before = await photograph(node);
    expect(await refusal(dnfRepository, want() as never)).toMatch(expected);
    expect(await photograph(node)).toEqual(before);
  });

  it.each([
    ['unsigned', () => lab.repo.rpm.unsigned],
    ['signed by another key', () => lab.repo.rpm.wrongKey],
  ])('%s: none of its packages is installed', async (_what, base) => {
    await apply(node, dnfRepository, repository('10.3', base()));
    const [plugin, change] = await planOn(node, dnfPackages, packages('10.3', { base: base() }));
    if (!plugin || !change) throw new Error('nothing to do');
    await perform(node, plugin);
    const before = await photograph(node);
    const { code, stderr } = await perform(node, change);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^GlusterFS 10.3-1.el9 was not installed:\n.*(not signed|GPG|key)/is),
    });
    expect(await takeBack(node, change)).toMatchObject({ code: 0 });
    expect(await versions()).toBe('');
    expect(await photograph(node)).toEqual(before);
  });
});

describe('a node that is in use', () => {
  const ready = async () => {
    await node.reset();
    await apply(node, dnfRepository, repository('10.3'));
    const [plugin, change] = await planOn(node, dnfPackages, packages('10.3'));
    if (!plugin || !change) throw new Error('nothing to do');
    await perform(node, plugin);
    return change;
  };

  it('has no package changed or removed for GlusterFS: what dnf would change is named, and nothing is done', async () => {
    const change = await ready();
    await sh('dnf -y install lab-tools-1 2>&1');
    const before = await photograph(node);
    expect(await perform(node, change)).toMatchObject({
      code: 1,
      stderr: 'refused, and nothing was done: to have this, dnf would also\nchange lab-tools\n',
    });
    expect(await photograph(node)).toEqual(before);
  });

  it('keeps at the undo what something else needs by now, and says so', async () => {
    const change = await ready();
    await perform(node, change);
    await sh('dnf -y install lab-needs-lvm 2>&1');
    const { code, stderr } = await takeBack(node, change);
    expect({ code, stderr }).toEqual({
      code: 121,
      stderr: expect.stringMatching(/left installed, because something else needs them by now: lvm2 device-mapper-persistent-data/),
    });
    expect(await versions()).toBe('');
    expect(await sh('rpm -q lvm2')).toContain('lvm2-2.03');
  });

  it('keeps GlusterFS at the undo where something else needs that', async () => {
    const change = await ready();
    await perform(node, change);
    await sh('dnf -y install lab-needs-gfapi 2>&1');
    expect(await takeBack(node, change)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/stays installed, because these need it by now:\nlab-needs-gfapi/),
    });
    expect(await versions()).toBe('10.3-1.el9');
  });

  it('is not thrown out of its pool by the undo', async () => {
    const change = await ready();
    await perform(node, change);
    await sh('mkdir -p /var/lib/glusterd/peers && echo uuid=x >/var/lib/glusterd/peers/x');
    expect(await takeBack(node, change)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/still knows \/var\/lib\/glusterd\/peers\/x/),
    });
    expect(await versions()).toBe('10.3-1.el9');
  });

  it('keeps an account, a folder and an edited file of the same name that were there before', async () => {
    await node.reset();
    await sh(`useradd -m -s /bin/sh gluster && mkdir -p /var/lib/glusterd/vols/old /etc/glusterfs
      echo x >/var/lib/glusterd/vols/old/info; echo mine >/etc/glusterfs/glusterd.vol`);
    const before = await photograph(node);
    const done = [...(await apply(node, dnfRepository, repository('10.3'))), ...(await apply(node, dnfPackages, packages('10.3')))];
    expect(await sh('cat /etc/glusterfs/glusterd.vol')).toBe('mine');
    await undoAll(node, done);
    expect(await photograph(node)).toEqual(before);
  });

  it('waits for another dnf, and then says who it is', async () => {
    const change = await ready();
    await sh('mkdir -p /var/lib/dnf; (sleep 6 >/dev/null 2>&1 & echo $! >/var/lib/dnf/rpmdb_lock.pid)');
    const short = change.do.text.replaceAll('120', '2');
    expect(await node.exec(`(\n${short}\n)`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/locked, for more than 2 s now, by process \d+ \(sleep\)/),
    });
    expect(await perform(node, change)).toMatchObject({ code: 0, stdout: expect.stringContaining('waiting for process') });
  });

  it('goes on after the install was killed, and the undo restores what was before it', async () => {
    const change = await ready();
    const before = await photograph(node);
    await node.exec(`setsid sh -c '${change.do.text.replaceAll("'", "'\\''")}' >/dev/null 2>&1 & p=$!
      until rpm -q libglusterfs0 >/dev/null 2>&1; do sleep 0.05; done
      kill -9 -$p; sleep 1; rm -rf /tmp/tmp.*
      # What a kill in the middle of a file leaves.
      : >"$(rpm -ql libglusterfs0 | grep /copyright);0badc0de"`);
    const again = (await planOn(node, dnfPackages, packages('10.3'))).find(({ id }) => id === 'packages');
    expect(again?.do.text).toBe(change.do.text);
    expect(await perform(node, change)).toMatchObject({ code: 0 });
    expect(await versions()).toBe('10.3-1.el9');
    expect(await takeBack(node, change)).toMatchObject({ code: 0 });
    expect(await photograph(node)).toEqual(before);
  });
});
