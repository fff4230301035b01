import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { EventLine } from '../../src/model/event-schema.ts';
import { changed, converged, failed, refused, undone } from '../ui/events.ts';

const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync('docs/events.schema.json', 'utf8')));

it.each([...changed, ...converged, ...failed, ...refused, ...undone])('takes $type', (event) => {
  expect(validate(JSON.parse(JSON.stringify(event))), JSON.stringify(validate.errors)).toBe(true);
  expect(EventLine.safeParse(event).success).toBe(true);
});

it.each([
  { type: 'note' },
  { type: 'note', text: 'x', more: 1 },
  { type: 'nothing' },
  { type: 'run.finished', run: null, result: 'fine', changed: 0, unchanged: 0, failed: 0, exit: 0, ms: 0 },
])('does not take %j', (line) => expect(validate(line)).toBe(false));
