import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brickPorts } from '../../src/facts/brick-ports.ts';
import { hostState } from '../../src/facts/host-state.ts';
import { packageState } from '../../src/facts/package-state.ts';
import { sshdLimits } from '../../src/facts/sshd.ts';
import { askHere } from './here.ts';

const of = <T>(fact: { parse(out: { stdout: string; code: number }): T }, ...lines: string[]): T =>
  fact.parse({ stdout: lines.map((line) => `${line}\n`).join(''), code: 0 });

describe('facts that checks ask', () => {
  it('the state of the packages: who holds a lock, what was interrupted, whether a proxy is set', () => {
    expect(of(packageState, 'pid 4711 unattended-upgr', 'pid 1 x', 'interrupted', 'proxy')).toEqual({
      lockedBy: '4711 (unattended-upgr)',
      interrupted: true,
      proxy: true,
    });
    expect(of(packageState, 'pid 4711 ')).toMatchObject({ lockedBy: '4711' });
    expect(of(packageState)).toEqual({ lockedBy: null, interrupted: false, proxy: false });
  });

  it("sshd's limits, of which MaxStartups has three numbers; null where it does not say", () => {
    expect(of(sshdLimits, 'maxsessions 10', 'maxstartups 10:30:100')).toEqual({ maxSessions: 10, startups: 10 });
    expect(of(sshdLimits)).toEqual({ maxSessions: null, startups: null });
  });

  it('the state of the host', () => {
    expect(
      of(hostState, 'mtu eth0 1500', 'mtu lo 65536', 'inodes /var/my data', 'system degraded', 'semanage', 'fuse', 'nameserver'),
    ).toEqual({
      mtu: new Map([
        ['eth0', 1500],
        ['lo', 65536],
      ]),
      fewInodes: ['/var/my data'],
      system: 'degraded',
      semanage: true,
      fuse: true,
      nameServer: true,
    });
  });

  it('ports of bricks', () => {
    expect(of(brickPorts, '49152', '60001')).toEqual(new Set([49152, 60001]));
  });

  it.each(['dash', 'bash'])('can be asked of this machine under %s', (shell) => {
    const here = askHere({ packageState, sshdLimits, hostState, brickPorts }, { shell });
    expect(here.hostState.mtu.get('lo')).toBeGreaterThan(1000);
    expect(here.brickPorts.size).toBe(0);
    expect(here.packageState.interrupted).toBe(false);
  });

  it('have an answer where no program is there to give it', () => {
    // Of programs, only the two that the script itself is made of.
    const path = mkdtempSync(join(tmpdir(), 'gct-'));
    for (const program of ['sh', 'sed']) symlinkSync(`/bin/${program}`, join(path, program));
    const here = askHere({ packageState, sshdLimits, hostState, brickPorts }, { path });
    rmSync(path, { recursive: true });
    expect(here.packageState).toEqual({ lockedBy: null, interrupted: false, proxy: false });
    expect(here.hostState).toMatchObject({ system: '', semanage: false });
    expect(here.sshdLimits.maxSessions).toBeNull();
  });
});
