import { readFileSync } from 'node:fs';
import { parsePlaybook } from '../../src/config/playbook.ts';
import { stepById, steps } from '../../src/steps/index.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/steps.md: the registry as a table, and the stages of each playbook. */
export const stepsPage = (): string => {
  const books = ['apply', 'prepare', 'replace', 'rejoin', 'heketi'].map((name) =>
    parsePlaybook(readFileSync(`playbooks/${name}.yaml`, 'utf8'), stepById),
  );
  const stages = books.map(
    (book) => `- \`playbooks/${book.id}.yaml\`: ${book.stages.map((stage) => `${stage.title} (${stage.steps.join(', ')})`).join(' → ')}`,
  );
  return [
    '# Steps',
    '',
    'Written by `npm run docs` from `src/steps/`. A node step looks at one node; a pool step looks at several at once.',
    '',
    '| step | scope | what it takes care of |',
    '|---|---|---|',
    ...steps.map((step) => `| \`${step.id}\` | ${step.scope} | ${cell(step.about)} |`),
    '',
    'Stages, one after the other; inside a stage the nodes run side by side:',
    '',
    ...stages,
    '',
  ].join('\n');
};
