import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf, type Line } from '../helpers/events.ts';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { BIN } from '../helpers/process.ts';
import { openScene, type Scene } from '../helpers/scene.ts';
import { run } from '../lab/run.ts';

let scene: Scene;
const before = new Map<string, string>();

const states = async (): Promise<[string, string][]> =>
  Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)]));
const expectUnchanged = async (): Promise<void> => {
  for (const [name, state] of await states()) expect(stateDiff(before.get(name) ?? '', state), name).toEqual([]);
};
const node = (name = 'node-1') => scene.lab.node(name);
const apply = async (...more: string[]): Promise<{ code: number | null; lines: Line[]; last: Line | undefined; said: string }> => {
  const ran = await scene.run(['apply', '--yes', '--json', ...more]);
  const lines = eventsOf(ran);
  return { code: ran.code, lines, last: lines.at(-1), said: errorsOf(lines) };
};
/** Holds dpkg's lock, as unattended-upgrades would. */
const lockDpkg = async (): Promise<void> => {
  const hold = `use Fcntl; open(F, ">", "/var/lib/dpkg/lock-frontend"); my $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0);
    fcntl(F, F_SETLK, $l) or die; open(H, ">", "/run/holder"); print H $$; close(H); sleep 600`;
  await node().exec(`rm -f /run/holder; (perl -e '${hold}' >/dev/null 2>&1 &); until [ -s /run/holder ]; do sleep 0.1; done`);
};

const unlockDpkg = () => node().exec('kill "$(cat /run/holder)"');

beforeAll(async () => {
  scene = await openScene({ name: 'e2e-refusals', nodes: 2 });
  for (const [name, state] of await states()) before.set(name, state);
});
afterAll(() => scene?.close());

describe('a repository that is not to be trusted', () => {
  it.each([
    ['a key with another fingerprint', 7, (s: Scene) => s.lab.clusterYaml().replace(s.lab.repo.fingerprint, s.lab.repo.otherFingerprint)],
    ['no signature', 7, (s: Scene) => s.lab.clusterYaml({ mirror: s.lab.repo.unsigned })],
    ['a signature by another key', 7, (s: Scene) => s.lab.clusterYaml({ mirror: s.lab.repo.wrongKey })],
    ['a release that is not there (voice 6)', 7, (s: Scene) => s.lab.clusterYaml({ version: '10.9' })],
  ])('%s: nothing is written, and what to do is said', async (_what, exit, file) => {
    scene.write(file(scene));
    const { code, said } = await apply();
    expect(code, said).toBe(exit);
    expect(said).toMatch(/fingerprint|signature|cannot be read|has no GlusterFS/);
    expect(said).not.toContain('next: undefined');
    expect(existsSync(join(scene.state, 'runs'))).toBe(false);
  });

  it('has left nothing on any node', expectUnchanged);
});

describe("a full disk on the operator's side", () => {
  /** A state folder of so many KiB, which then gets room; both exit codes, and what was said. */
  const withState = (kib: number) => {
    const glusterctl = `'${process.execPath}' '${BIN}'`;
    const script = `mount -t tmpfs -o size=${kib}k,mode=0700 none /mnt && cd /mnt || exit 99
      ${glusterctl} apply --yes; echo "apply $?"
      mount -o remount,size=20m /mnt
      ${glusterctl} rollback --yes; echo "rollback $?"; find /mnt -name journal.ndjson | wc -l`;
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, GLUSTERCTL_CONFIG: scene.config, GLUSTERCTL_STATE_DIR: '/mnt' };
    return run('unshare', ['-m', 'sh', '-c', script], { env });
  };

  it('before the run: nothing is done', async () => {
    scene.write(scene.lab.clusterYaml());
    const { stdout, stderr } = await withState(4);
    expect(stdout.trim().split('\n'), stderr).toEqual(['apply 7', 'rollback 0', '0']);
    expect(stderr).toMatch(/the journal cannot be written below \/mnt.*\n.*ENOSPC.*\n.*next: nothing was done; free space there/);
    await expectUnchanged();
  });

  it('in the middle of it: no change begins that could not be undone; with space again all is undone', async () => {
    const { stdout, stderr } = await withState(48);
    expect(stdout.trim().split('\n'), stderr).toEqual(['apply 5', 'rollback 0', '1']);
    expect(stderr).toMatch(/error: the journal cannot be written\n.*ENOSPC.*\n.*next: free space on this machine/);
    await expectUnchanged();
  });
});

describe('a run that cannot go on', () => {
  it("waits for dpkg's lock, and is rolled back where a disk is full; rolled back is not success (voices 16 and 24)", async () => {
    scene.write(scene.lab.clusterYaml());
    await lockDpkg();
    await node('node-2').exec('fallocate -l "$(($(df --output=avail -B1 / | tail -n 1) - 4000000))" /fill');
    let freed = false;
    const ran = await scene.run(['apply', '--yes', '--json', '--on-failure', 'rollback'], {
      onOutput: (text) => {
        if (freed || !text.includes('waiting for process')) return;
        freed = true;
        void unlockDpkg();
      },
    });
    await node('node-2').exec('rm /fill');
    const [lines, code] = [eventsOf(ran), ran.code];
    const [last, said] = [lines.at(-1), errorsOf(lines)];
    expect(code, said).toBe(5);
    expect(last).toMatchObject({ result: 'rolled-back' });
    expect(JSON.stringify(lines)).toMatch(/waiting for process \d+, which holds the lock of apt or dpkg/);
    expect(said).toMatch(
      /^node-2: install GlusterFS 10.3 \(server\) failed\n {2}why: .*(enough free space|No space left).*\n {2}next: mend this/s,
    );
    expect(lines.filter((l) => l.type === 'undo.done').length).toBe(lines.filter((l) => l.type === 'change.started').length);
    await expectUnchanged();
    const runs = JSON.parse((await scene.run(['runs', '--json'])).stdout).runs;
    expect(runs).toEqual([expect.objectContaining({ result: 'rolled-back', inEffect: 0 })]);
  });

  it('keeps all others out while it is at work, and is cut off by the second Ctrl-C', async () => {
    await lockDpkg();
    let child: ChildProcess | undefined;
    let waits: () => void = () => {};
    let asked: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const stopping = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const first = scene.run(['apply', '--yes', '--json'], {
      onStart: (started) => {
        child = started;
      },
      onOutput: (text) => {
        if (text.includes('waiting for process')) waits();
        if (text.includes('stopping: ')) asked();
      },
    });
    await waiting;
    const list = JSON.parse((await scene.run(['runs', '--json'])).stdout).runs;
    expect(list[0]).toMatchObject({ result: 'at work', verb: 'apply' });
    const [second, undo] = await Promise.all([scene.run(['apply', '--yes', '--json']), scene.run(['rollback', '--yes', '--json'])]);
    for (const other of [second, undo]) {
      expect(other.code).toBe(8);
      expect(errorsOf(eventsOf(other))).toMatch(
        /another run is at work\n {2}why: .*\(process \d+\) since .*\n {2}next: wait until it ends/,
      );
    }
    child?.kill('SIGINT');
    await stopping;
    child?.kill('SIGINT');
    const ended = await first;
    expect(ended.code).toBe(130);
    expect(errorsOf(eventsOf(ended))).toMatch(
      /stopped before all was done.*next: run the same again to go on, or undo: glusterctl rollback/s,
    );
    expect(JSON.parse((await scene.run(['runs', '--json'])).stdout).runs[0]).toMatchObject({ result: 'failed' });
    await unlockDpkg();
  });

  it('waits for what the cut run has left at work; says why glusterd does not start (voice 11), and is finished by another apply (voice 15)', async () => {
    for (const one of scene.lab.nodes)
      await one.exec(
        `mkdir -p /etc/systemd/system/glusterd.service.d
        printf '[Service]\\nExecStartPre=/bin/sh -c "echo the moon is full; exit 3"\\n' >/etc/systemd/system/glusterd.service.d/moon.conf; systemctl daemon-reload`,
      );
    const broken = await apply();
    expect(broken.code, broken.said).toBe(5);
    expect(broken.said).toMatch(/node-1: .*glusterd.* failed\n {2}why: .*the moon is full.*\n {2}next: mend this and run the same again/s);
    const note = broken.lines.find((l) => l.type === 'note' && `${l.text}`.startsWith('the whole log: '));
    const log = `${note?.text}`.replace('the whole log: ', '');
    expect(existsSync(log)).toBe(true);

    for (const one of scene.lab.nodes) await one.exec('rm -r /etc/systemd/system/glusterd.service.d; systemctl daemon-reload');
    const again = await apply();
    expect(again.code, again.said).toBe(0);
    expect(again.lines.filter((l) => l.type === 'change.started' && l.step === 'apt-packages')).toEqual([]);
    const plan = await scene.run(['plan', '--detailed-exitcode']);
    expect(plan.code, plan.stdout).toBe(0);
  });
});
