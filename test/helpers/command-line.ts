import type { Command } from 'commander';
import { program } from '../../src/cli.ts';

/** Verbs do nothing here: whether their words are right is what is asked. */
const disarm = (command: Command, called: (name: string) => void): void => {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  if (command.commands.length === 0 || command.registeredArguments.length > 0 || command.name() === 'runs')
    command.action(() => called(command.name()));
  for (const child of command.commands) disarm(child, called);
};

/** null when the command line takes these words, else what it says. Redirections and `source <(...)` are a shell's own. */
export const accepts = async (line: string): Promise<string | null> => {
  const words = line
    .replace(/^source <\((.*)\)$/, '$1')
    .replace(/\s[|>].*$/, '')
    .trim()
    .split(/\s+/);
  let called = '';
  disarm(program, (name) => {
    called = name;
  });
  try {
    await program.parseAsync(['node', ...words]);
    return called === '' ? 'no verb was called' : null;
  } catch (error) {
    return (error as Error).message;
  }
};
