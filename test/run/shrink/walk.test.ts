import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectError } from '../../../src/errors.ts';
import { readHistory } from '../../../src/journal/history.ts';
import { Journal } from '../../../src/journal/journal.ts';
import type { Change } from '../../../src/model/change.ts';
import type { Event } from '../../../src/model/event.ts';
import type { Receiver, RunResult } from '../../../src/model/host.ts';
import type { RunContext } from '../../../src/run/context.ts';
import type { Walk } from '../../../src/run/shrink/leg.ts';
import { arrive, type Door, type Visit, WHERE } from '../../../src/run/shrink/visit.ts';
import { walkLegs } from '../../../src/run/shrink/walk.ts';
import { sh } from '../../../src/sh.ts';
import { arm, REBOOT } from '../../../src/shrink/grml.ts';
import type { Leg, System } from '../../../src/shrink/legs.ts';
import { type ShHost, shHost } from '../../helpers/sh-host.ts';

/** A node with two systems: a folder for its disk, and what answers when it is asked where one is. */
const machine = (disk: ShHost) => {
  const state = {
    boot: 1,
    system: 'normal' as System,
    next: 'normal' as System,
    up: true,
    /** Called before each script that is run. */
    on: (_script: string): void => {},
    keys: true,
    reboots: [] as System[],
    users: [] as (string | undefined)[],
  };
  const cuts = new Set<AbortController>();
  const gone = () => new ConnectError({ node: 'node-1', what: 'the connection was lost' });
  const dropAll = (): void => {
    for (const cut of cuts) cut.abort(gone());
    cuts.clear();
  };
  const turn = (system: System): void => {
    state.boot += 1;
    state.system = system;
    state.reboots.push(system);
    dropAll();
  };
  const answer = (stdout: string): RunResult => ({ stdout, stderr: '', code: 0 });
  const open = (user?: 'root'): Receiver => ({
    name: 'node-1',
    connect: () => {},
    close: async () => {},
    append: async () => {},
    async run(script, options = {}) {
      state.users.push(user);
      if (!state.up) throw gone();
      if (!state.keys) throw new ConnectError({ node: 'node-1', check: 'host-key', what: 'THE HOST KEY HAS CHANGED' });
      // The live system does not know the file's user.
      if (state.system === 'live' && user !== 'root') throw gone();
      if (script === WHERE.text) return answer(`boot-${state.boot}\n${state.system}\n`);
      if (script === REBOOT.text) {
        const to = state.next;
        state.next = 'normal';
        turn(to);
        throw gone();
      }
      state.on(script);
      if (!state.up) throw gone();
      const cut = new AbortController();
      cuts.add(cut);
      const signal = options.signal ? AbortSignal.any([options.signal, cut.signal]) : cut.signal;
      const lost = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(gone()), { once: true }));
      if (signal.aborted) throw gone();
      return Promise.race([disk.run(script, { ...options, signal }).catch(() => Promise.reject(gone())), lost]);
    },
  });
  return { state, open, turn, dropAll };
};

let dir: string;
let disk: ShHost;
let at: ReturnType<typeof machine>;
let events: Event[];
let journal: Journal;
let asked: 'SIGINT' | null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-walk-'));
  disk = shHost('node-1');
  at = machine(disk);
  events = [];
  asked = null;
  const first = {
    t: 'run',
    v: 1,
    run: 'r',
    verb: 'node shrink',
    cluster: 'c',
    file: 'f',
    baseDir: '/',
    by: 'me',
    glusterctl: '0',
    nodes: [],
    planned: 0,
  } as const;
  journal = Journal.create(join(dir, 'journal'), { ...first, nodes: ['node-1'] });
});
afterEach(async () => {
  at.dropAll();
  journal.close();
  await disk.close();
  rmSync(dir, { recursive: true });
});

const write = (id: string): Change => ({
  id,
  title: id,
  risk: 'safe',
  do: sh`echo ${id} >>"$ROOT/done"`,
  undo: 'nothing',
  verify: sh`grep -q ${id} "$ROOT/done"`,
});
const leg = (id: Leg['id'], system: System, rebootsTo: System | null, ...changes: Change[]): Leg => ({
  id,
  title: id,
  system,
  changes,
  rebootsTo,
  powerCut: '',
  seconds: 0,
});
const LEGS = [
  leg('prepare', 'normal', null, write('prepared')),
  leg('boot', 'normal', 'live', write('armed')),
  leg('live', 'live', 'normal', write('shrunk'), write('cut')),
  leg('after', 'normal', null, write('cleaned')),
];

const go = async (before: Walk['before'] = new Map()) => {
  const cut = new AbortController();
  const door: Door = {
    node: 'node-1',
    who: 'test',
    open: at.open,
    note: (text) => events.push({ type: 'note', text }),
    cut: cut.signal,
    pause: 10,
  };
  const first: Visit = await arrive(door, { not: null, likely: 'normal', limit: 5 });
  const ctx: RunContext = {
    hosts: new Map(),
    afresh: () => at.open(),
    journal,
    emit: (event) => events.push(event),
    interruption: {
      get asked() {
        return asked;
      },
    },
    lost: first.lost,
    cut: cut.signal,
    concurrency: 1,
    log: '',
  };
  at.state.next = 'live';
  const walked = await walkLegs({ door, ctx, before }, first, LEGS);
  await walked.visit?.leave();
  return walked;
};
const done = (): string[] => readFileSync(join(disk.root, 'done'), 'utf8').trim().split('\n');
const entries = () => readHistory(readFileSync(join(dir, 'journal'), 'utf8')).entries.map(({ id, state }) => `${id} ${state}`);
const whats = (walked: Awaited<ReturnType<typeof go>>): string[] => walked.reports.map(({ what }) => what);

test('through all legs: each in its system, every change in the journal', async () => {
  const walked = await go();
  expect(walked).toMatchObject({ changed: 5, reports: [], stopped: false, visit: { system: 'normal', boot: 'boot-3' } });
  expect(at.state.reboots).toEqual(['live', 'normal']);
  expect(done()).toEqual(['prepared', 'armed', 'shrunk', 'cut', 'cleaned']);
  expect(entries()).toEqual(['prepared done', 'armed done', 'shrunk done', 'cut done', 'cleaned done']);
  expect(events.flatMap((e) => (e.type === 'stage.started' ? [e.stage] : []))).toEqual(['prepare', 'boot', 'live', 'after']);
});

/** Runs once, when the deed of that change is about to be run. */
const once = (id: string, deed: () => void): void => {
  let open = true;
  at.state.on = (script) => {
    if (!open || !script.includes(`echo ${id}`)) return;
    open = false;
    deed();
  };
};

test('a connection that is lost in the same boot is made again, and the change begun again', async () => {
  once('cut', at.dropAll);
  expect(await go()).toMatchObject({ changed: 5, reports: [] });
  expect(entries().filter((entry) => entry.startsWith('cut'))).toEqual(['cut failed', 'cut done']);
  expect(at.state.reboots).toEqual(['live', 'normal']);
}, 30_000);

test('a node that has rebooted by itself gets nothing more', async () => {
  once('cut', () => at.turn('normal'));
  const walked = await go();
  expect(whats(walked)).toEqual(['the node has rebooted by itself, and is in its normal system']);
  expect(walked.visit).toMatchObject({ system: 'normal', boot: 'boot-3' });
  expect(done()).not.toContain('cleaned');
}, 30_000);

test('a live system that does not start: the node came back by itself', async () => {
  const start = at.state.on;
  at.state.on = (script) => {
    start(script);
    if (script.includes('echo armed')) at.state.next = 'normal';
  };
  const walked = await go();
  expect(whats(walked)).toEqual(['the live system did not start']);
  expect(done()).toEqual(['prepared', 'armed']);
});

test('a change that fails in the live system: the node is booted back', async () => {
  const change = LEGS[2]?.changes[1] as Change;
  const { verify } = change;
  try {
    change.verify = sh`false`;
    const walked = await go();
    expect(whats(walked)).toEqual(['cut failed']);
    expect(walked.visit?.system).toBe('normal');
    expect(at.state.reboots).toEqual(['live', 'normal']);
  } finally {
    change.verify = verify;
  }
}, 30_000);

test('a request to stop: the running change ends, then the node is booted back; before the reboot it is not begun', async () => {
  once('shrunk', () => {
    asked = 'SIGINT';
  });
  expect(await go()).toMatchObject({ stopped: true, changed: 3, visit: { system: 'normal' } });
  expect(done()).toEqual(['prepared', 'armed', 'shrunk']);

  asked = null;
  at.state.reboots.length = 0;
  const scripts: string[] = [];
  at.state.on = (script) => {
    scripts.push(script);
    if (script.includes('echo armed')) asked = 'SIGINT';
  };
  expect(await go()).toMatchObject({ stopped: true, visit: { system: 'normal' } });
  expect(at.state.reboots).toEqual([]);
  expect(scripts).toContain(String(arm('').undo));
});

test('a wrong host key is not waited for', async () => {
  once('shrunk', () => {
    at.state.keys = false;
    at.dropAll();
  });
  const walked = await go();
  expect(whats(walked)).toEqual(['THE HOST KEY HAS CHANGED']);
  expect(walked.visit).toBeNull();
}, 30_000);

test('what goes before a change is done as often as the change is begun', async () => {
  let times = 0;
  const before = new Map([
    [
      'prepared',
      async () => {
        times += 1;
        if (times > 1) return;
        at.dropAll();
        throw new ConnectError({ what: 'the connection was lost' });
      },
    ],
  ]);
  expect(await go(before)).toMatchObject({ changed: 5, reports: [] });
  expect(times).toBe(2);
});
