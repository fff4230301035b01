import { groups } from '../../src/checks/catalog.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/checks.md: every fault that `glusterctl check` knows. The ids are anchors: errors name them in JSON. */
export const checksPage = (): string =>
  [
    '# Checks',
    '',
    'Written by `npm run docs` from `src/checks/`. `glusterctl check` looks for these faults on all nodes at once, and installs and writes nothing',
    'there. A fault that would **stop** a run makes it exit with 7. The same names stand as `check` in the errors of `apply --json`.',
    '',
    ...groups.flatMap(({ title, checks }) => [
      `## ${title}`,
      '',
      '| fault | | what is wrong | cause | remedy |',
      '|---|---|---|---|---|',
      ...checks.map(
        ({ id, severity, title: what, cause, remedy }) =>
          `| <a id="${id}"></a>\`${id}\` | ${severity} | ${cell(what)} | ${cell(cause)} | ${cell(remedy)} |`,
      ),
      '',
    ]),
  ].join('\n');
