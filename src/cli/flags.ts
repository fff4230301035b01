import { type Command, InvalidArgumentError, Option } from 'commander';

export const list = (text: string, before: string[] = []): string[] => [...before, ...text.split(',').filter((part) => part !== '')];
export const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 512) throw new InvalidArgumentError('a whole number from 1 to 512 is wanted.');
  return n;
};

export const port = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 65535) throw new InvalidArgumentError('a port from 1 to 65535 is wanted.');
  return n;
};
export const RISKS = ['replica-2', 'root-partition', 'same-node'];
export const risk = (text: string, before: string[] = []): string[] => {
  if (!RISKS.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${RISKS.join(', ')}.`);
  return [...before, text];
};
/** Values may hold commas of their own, so each needs its own flag. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser((text: string, before: string[] = []) => [...before, text]);

export const junit = (): Option => new Option('--junit <file>', 'also write a JUnit report, a test case for each change');

export const consent = (command: Command): Command =>
  command
    .option('-y, --yes', 'agree to everything that is not destructive')
    .addOption(new Option('--confirm <node:serial>', 'agree to lose what is on this disk (repeatable)').argParser(list));

export const carriesOut = (command: Command): Command =>
  consent(command)
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--commands', 'show the exact commands of every change')
    .addOption(junit())
    .addOption(new Option('--on-failure <what>', 'what to do when a change fails').choices(['stop', 'rollback']).default('stop'));
