import type { Command } from 'commander';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { eventJsonSchema } from '../../src/model/event-schema.ts';
import { checksPage } from './checks-page.ts';
import { manPage } from './man.ts';
import { stepsPage } from './steps-page.ts';

/** The command line, as src/cli.ts exports it. */
export interface CommandLine {
  program: Command;
  examplesOf: ReadonlyMap<Command, readonly string[]>;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every file in the repository that is made of code: `npm run docs` writes them, a test fails while they differ. */
export const generated = ({ program, examplesOf }: CommandLine): { path: string; text: string }[] => [
  { path: 'docs/man/glusterctl.1', text: manPage(program, examplesOf, program.version() ?? '') },
  { path: 'docs/events.schema.json', text: json(eventJsonSchema()) },
  { path: 'docs/cluster.schema.json', text: json(jsonSchema()) },
  { path: 'docs/steps.md', text: stepsPage() },
  { path: 'docs/checks.md', text: checksPage() },
];
