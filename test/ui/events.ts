import type { Event } from '../../src/model/event.ts';

const of = { node: 'node-1', step: 'hosts', stage: 'names', id: 'file:/etc/hosts', title: 'update /etc/hosts', risk: 'safe' as const };

export const version: Event = { type: 'version', v: 1, glusterctl: '0.1.0', run: null, cluster: 'prod', verb: 'apply' };
const started: Event = { type: 'stage.started', stage: 'names', title: 'Names', nodes: ['node-1', 'node-2'], changes: 2 };
const failure = { what: 'update /etc/hosts failed', node: 'node-2', why: 'No space left on device\n<full> & "over"', next: 'free space' };

const end = (result: 'converged' | 'changed' | 'failed' | 'refused', exit: number, changed = 0, failed = 0): Event => ({
  type: 'run.finished',
  run: result === 'converged' || result === 'refused' ? null : 'r1',
  result,
  changed,
  unchanged: 3,
  failed,
  exit,
  ms: 1500,
});

export const converged: Event[] = [version, end('converged', 0)];

export const changed: Event[] = [
  version,
  { type: 'run.started', run: 'r1', nodes: ['node-1'], changes: 1 },
  started,
  { type: 'change.started', ...of },
  { type: 'change.output', node: 'node-1', step: 'hosts', id: of.id, stream: 'stdout', line: 'x' },
  { type: 'change.done', ...of, ms: 12 },
  { type: 'stage.finished', stage: 'names', ms: 15 },
  end('changed', 0, 1),
];

export const failed: Event[] = [
  version,
  started,
  { type: 'change.started', ...of },
  { type: 'change.done', ...of, ms: 12 },
  { type: 'change.started', ...of, node: 'node-2' },
  { type: 'change.failed', ...of, node: 'node-2', ms: 7, code: 1, stderr: ['No space left on device'], report: failure },
  { type: 'change.started', ...of, node: 'node-3' },
  { type: 'error', exit: 5, reports: [failure] },
  end('failed', 5, 1, 1),
];

export const refused: Event[] = [
  version,
  { type: 'error', exit: 7, reports: [{ what: 'these changes need your consent, and nobody can be asked here', next: 'add --yes' }] },
  end('refused', 7),
];

export const undone: Event[] = [
  { ...version, verb: 'rollback' } as Event,
  { type: 'undo.started', ...of },
  { type: 'undo.done', ...of, ms: 3 },
  { type: 'undo.left', ...of, node: 'node-2', why: 'the volume holds files' },
  end('changed', 0, 1),
];
