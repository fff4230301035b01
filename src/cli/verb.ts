import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Invocation } from '../commands/invocation.ts';
import { EXIT } from '../errors.ts';
import { shipped } from '../shipped.ts';

type Verb = { run(invocation: Invocation, ...args: never[]): Promise<number> };

export const version = (): string => JSON.parse(readFileSync(shipped('package.json'), 'utf8')).version;

/** Of each verb, for the man page and for the tests, which run each of them. */
export const examplesOf = new Map<Command, readonly string[]>();

export const examples = (command: Command, ...lines: string[]): Command => {
  examplesOf.set(command, lines);
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
};

/** As it is typed: `node prepare`. */
export const nameOf = (command: Command): string => {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
};

/** What the process ends with, once its verb has. */
export const outcome: { exit: number } = { exit: EXIT.ok };

/** Loads a verb when it is called and not before: `--help` has to be there at once. */
export const verb =
  (load: () => Promise<Verb>) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command;
    const { invoke } = await import('../commands/invocation.ts');
    outcome.exit = await invoke(command.optsWithGlobals(), { version: version(), verb: nameOf(command) }, async (invocation) =>
      (await load()).run(invocation, ...(all.slice(0, -1) as never[])),
    );
  };
