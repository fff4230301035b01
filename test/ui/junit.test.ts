import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { junitXml } from '../../src/ui/junit.ts';
import { changed, converged, failed, refused, undone, version } from './events.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

interface Case {
  classname: string;
  name: string;
  failure?: { '#text': string; message: string };
  error?: { '#text': string; message: string };
  skipped?: object;
}

const read = (events: readonly Event[]) => {
  const text = junitXml(events);
  expect(XMLValidator.validate(text)).toBe(true);
  const { testsuites } = parser.parse(text);
  const cases: Case[] = (testsuites.testsuite ?? []).flatMap((s: { testcase: Case[] }) => s.testcase);
  return { testsuites, cases };
};

it('has a suite for each stage and a case for each change', () => {
  const { testsuites, cases } = read(changed);
  expect(testsuites.testsuite.map((s: { name: string }) => s.name)).toEqual(['apply prod: Names', 'apply prod']);
  expect(cases.map(({ classname, name }) => [classname, name])).toEqual([
    ['node-1.hosts', 'update /etc/hosts'],
    ['glusterctl', 'changed'],
  ]);
  expect(testsuites).toMatchObject({ tests: '2', failures: '0', errors: '0', skipped: '0' });
});

it('has something to show when there was nothing to do', () => {
  expect(read(converged).cases.map(({ name }) => name)).toEqual(['nothing to do']);
});

it('says each failure once, with its text, and what was cut off', () => {
  const { testsuites, cases } = read(failed);
  expect(testsuites).toMatchObject({ tests: '3', failures: '1', errors: '1' });
  expect(cases[1]?.failure?.['#text']).toContain('<full> & "over"');
  expect(cases[2]).toMatchObject({ classname: 'node-3.hosts', error: { message: 'cut off' } });
});

it('never passes for a run that was refused', () => {
  expect(read(refused).testsuites).toMatchObject({ tests: '1', errors: '1' });
});

it('shows what an undo has left as skipped', () => {
  const { cases } = read(undone);
  expect(cases.map(({ skipped }) => skipped !== undefined)).toEqual([false, true, false]);
});

it('is well-formed whatever a node prints', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, why) => {
      const report = { what: title, why };
      const text = junitXml([version, { type: 'error', exit: 5, reports: [report] }]);
      expect(XMLValidator.validate(text)).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no form for them
      expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    }),
  );
});
