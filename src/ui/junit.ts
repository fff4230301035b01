import type { Event } from '../model/event.ts';
import { reportText } from './error-text.ts';

interface Case {
  /** NODE.STEP, so that reports group by node. */
  classname: string;
  name: string;
  ms: number;
  /** Absent: passed. */
  fault?: { kind: 'failure' | 'error' | 'skipped'; message: string; text: string };
}

interface Suite {
  name: string;
  cases: Case[];
}

/** XML 1.0 has no form at all for most control characters, so they are shown as a replacement. */
const xml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');

const body = (text: string): string => xml(text).replaceAll('&#10;', '\n');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const caseText = ({ classname, name, ms, fault }: Case): string => {
  const open = `    <testcase classname="${xml(classname)}" name="${xml(name)}" time="${seconds(ms)}"`;
  if (!fault) return `${open}/>`;
  return `${open}>\n      <${fault.kind} message="${xml(fault.message)}">${body(fault.text)}</${fault.kind}>\n    </testcase>`;
};

const counts = (cases: readonly Case[]): string => {
  const of = (kind: string) => cases.filter((c) => c.fault?.kind === kind).length;
  const time = seconds(cases.reduce((sum, c) => sum + c.ms, 0));
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="${time}"`;
};

const suiteText = ({ name, cases }: Suite): string =>
  [`  <testsuite name="${xml(name)}" ${counts(cases)}>`, ...cases.map(caseText), '  </testsuite>'].join('\n');

type Of = Extract<Event, { type: 'change.started' }>;
const keyOf = ({ node, step, id }: Pick<Of, 'node' | 'step' | 'id'>): string => JSON.stringify([node, step, id]);
const caseOf = ({ node, step, title }: Pick<Of, 'node' | 'step' | 'title'>, ms: number): Case => ({
  classname: `${node}.${step}`,
  name: title,
  ms,
});

/**
 * A run as JUnit XML: a suite for each stage, a case for each change. What went wrong outside of any change
 * (a node that cannot be reached, consent that is missing) is a suite of its own, so that no failed run looks passed.
 */
export const junitXml = (events: readonly Event[]): string => {
  const suites: Suite[] = [];
  const suite = (name: string): Suite => {
    const found = suites.find((s) => s.name === name);
    if (found) return found;
    suites.push({ name, cases: [] });
    return suites.at(-1) as Suite;
  };
  const open = new Map<string, Of>();
  const told = new Set<string>();
  let verb = 'glusterctl';
  let titles = new Map<string, string>();
  const stage = (id: string) => suite(`${verb}: ${titles.get(id) ?? id}`);

  for (const e of events) {
    if (e.type === 'version') verb = `${e.verb} ${e.cluster}`;
    else if (e.type === 'stage.started') titles = new Map(titles).set(e.stage, e.title);
    else if (e.type === 'change.started') open.set(keyOf(e), e);
    else if (e.type === 'change.done') {
      open.delete(keyOf(e));
      stage(e.stage).cases.push(caseOf(e, e.ms));
    } else if (e.type === 'change.failed') {
      open.delete(keyOf(e));
      told.add(reportText(e.report));
      const fault = { kind: 'failure' as const, message: `exit code ${e.code}`, text: reportText(e.report) };
      stage(e.stage).cases.push({ ...caseOf(e, e.ms), fault });
    } else if (e.type === 'undo.done') suite(`${verb}: undo`).cases.push(caseOf(e, e.ms));
    else if (e.type === 'undo.failed') {
      told.add(reportText(e.report));
      const fault = { kind: 'failure' as const, message: `exit code ${e.code}`, text: reportText(e.report) };
      suite(`${verb}: undo`).cases.push({ ...caseOf(e, e.ms), fault });
    } else if (e.type === 'undo.left') {
      suite(`${verb}: undo`).cases.push({ ...caseOf(e, 0), fault: { kind: 'skipped', message: 'left as it is', text: e.why } });
    } else if (e.type === 'error') {
      for (const report of e.reports.filter((r) => !told.has(reportText(r)))) {
        const fault = { kind: 'error' as const, message: `exit code ${e.exit}`, text: reportText(report) };
        suite(verb).cases.push({ classname: report.node ?? 'glusterctl', name: report.what, ms: 0, fault });
      }
    } else if (e.type === 'run.finished' && e.exit === 0) {
      suite(verb).cases.push({ classname: 'glusterctl', name: e.result === 'converged' ? 'nothing to do' : e.result, ms: e.ms });
    }
  }
  for (const e of open.values()) {
    const fault = { kind: 'error' as const, message: 'cut off', text: 'nobody knows how far it came; apply again finishes it' };
    stage(e.stage).cases.push({ ...caseOf(e, 0), fault });
  }
  const all = suites.flatMap((s) => s.cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="glusterctl" ${counts(all)}>\n${suites.map(suiteText).join('\n')}\n</testsuites>\n`;
};
