import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { Declined, EXIT, Refused, UsageError } from '../errors.ts';
import { emptyState, type InitAnswers } from '../init/answers.ts';
import { finish } from '../init/finish.ts';
import { type AnswerFlags, answersOf } from '../init/flags.ts';
import { nextCommand } from '../init/review.ts';
import { fileText } from '../init/write.ts';
import { unattendedState } from './init-unattended.ts';
import { checkText, writeCluster } from './init-write.ts';
import type { Invocation } from './invocation.ts';

export interface InitOptions extends AnswerFlags {
  out?: string;
  dryRun?: boolean;
  force?: boolean;
  /** Never look at the hosts. */
  offline?: boolean;
  fromLive?: boolean;
  fromKubectl?: boolean;
}

/** A path of a flag starts where the command was called; one in the file starts at the file. */
const fromHere = (path: string | undefined): string | undefined =>
  path === undefined || path.startsWith('~') || isAbsolute(path) || /^https?:/.test(path) ? path : resolve(path);

const withPaths = (options: InitOptions): InitOptions => {
  const paths = { identityFile: fromHere(options.identityFile), knownHosts: fromHere(options.knownHosts), key: fromHere(options.key) };
  return { ...options, ...Object.fromEntries(Object.entries(paths).filter(([, path]) => path !== undefined)) };
};

/** The nodes of Kubernetes as if they had been typed; what is typed besides comes later and wins. */
const withNodes = async (options: InitOptions): Promise<InitOptions> => {
  if (!options.fromKubectl) return options;
  if (options.node !== undefined)
    throw new UsageError({ what: '--from-kubectl and --node both name the hosts', next: 'leave one of them out' });
  const [{ kubectlJson }, { nodeFlags }] = await Promise.all([import('./k8s-kubectl.ts'), import('../init/kubectl-nodes.ts')]);
  const { node, zone } = nodeFlags(await kubectlJson('get', 'nodes'));
  return { ...options, node, zone: [...zone, ...(options.zone ?? [])] };
};

const target = (invocation: Invocation, { out }: InitOptions): string => {
  const wanted = out ?? invocation.config ?? invocation.env.config ?? 'cluster.yaml';
  if (wanted === '-')
    throw new UsageError({ what: 'init writes a file, and - is none', next: 'name a file with -o FILE, or print it with --dry-run' });
  return resolve(wanted);
};

const refuseToReplace = (file: string, shown: string): void => {
  if (!existsSync(file)) return;
  throw new Refused({
    what: `${shown} is there already`,
    next: `--force to replace it, -o FILE to write another, or --dry-run to see what it would be`,
  });
};

interface Made {
  text: string;
  /** A person has seen it and said where it goes. */
  agreed: boolean;
}

const unattended = async (invocation: Invocation, options: InitOptions, answers: InitAnswers): Promise<Made> => {
  const state = await unattendedState(invocation, { ...emptyState, answers }, options.offline === true);
  return { text: fileText(finish(state)), agreed: false };
};

/** What was made, or would be: to stdout with --dry-run or --json, else a file and a word about it. */
const deliver = (invocation: Invocation, options: InitOptions, file: string, { text, agreed }: Made): number => {
  const { output, json, env } = invocation;
  const shown = relative(process.cwd(), file) || file;
  const cluster = checkText(text, file, env.home);
  const next = nextCommand(shown);
  if (options.dryRun) {
    output.out(json ? JSON.stringify({ v: 1, file, written: [], cluster: cluster.name, text, next }, null, 2) : text);
    return EXIT.ok;
  }
  if (!agreed && !options.force) refuseToReplace(file, shown);
  const written = writeCluster(file, text);
  if (json) output.out(JSON.stringify({ v: 1, file, written, cluster: cluster.name, text, next }, null, 2));
  else if (!output.quiet) output.err(`Wrote ${written.map((path) => relative(process.cwd(), path) || path).join(' and ')}.\nNext: ${next}`);
  return EXIT.ok;
};

export const run = async (invocation: Invocation, given: InitOptions): Promise<number> => {
  const options = withPaths(await withNodes(given));
  const file = target(invocation, options);
  const answers = answersOf(options);
  if (options.fromLive) {
    const { readLive } = await import('./init-live.ts');
    return deliver(invocation, options, file, { ...(await readLive(invocation, answers)), agreed: false });
  }
  // Before anything is looked at: nobody wants to answer questions in vain.
  if (!invocation.output.interactive && !options.dryRun && !options.force) refuseToReplace(file, relative(process.cwd(), file) || file);
  if (!invocation.output.interactive || options.dryRun)
    return deliver(invocation, options, file, await unattended(invocation, options, answers));
  const { wizard } = await import('./init-wizard.ts');
  const made = await wizard(invocation, answers, file, { offline: options.offline === true, force: options.force === true });
  if (made === null) throw new Declined({ what: 'nothing was written', next: 'the answers are kept: glusterctl init goes on with them' });
  return deliver(invocation, options, file, { ...made, agreed: true });
};
