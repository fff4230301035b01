import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { GlusterctlError, Interrupted } from '../errors.ts';
import { allHosts, emptyState, type InitAnswers, type WizardState } from '../init/answers.ts';
import { finish } from '../init/finish.ts';
import { hostWord } from '../init/hosts.ts';
import { nameHosts } from '../init/names.ts';
import { type Question, type QuestionId, userQuestion } from '../init/questions.ts';
import { giveZones, type ReviewAnswer, reviewQuestion, zonesQuestion } from '../init/review.ts';
import { forget, give, needsLook, nextStep } from '../init/steps.ts';
import { fileText } from '../init/write.ts';
import { Secret } from '../sh.ts';
import { askYes } from '../ui/ask.ts';
import { errorText } from '../ui/error-text.ts';
import { seenText } from '../ui/init-text.ts';
import { askQuestion, BACK } from '../ui/prompts.ts';
import { dropAnswers, keepAnswers, keptAnswers } from './init-keep.ts';
import { lookAt, withLooks } from './init-look.ts';
import type { Invocation } from './invocation.ts';

export interface WizardOptions {
  offline: boolean;
  force: boolean;
}

const KEPT = 'stopped; the answers are kept, and glusterctl init goes on with them';

/** Answers of a wizard that was left, when somebody wants them. What flags say now wins. */
const begin = async ({ env, output }: Invocation, given: InitAnswers, file: string): Promise<WizardState> => {
  const kept = keptAnswers(env.stateDir, file);
  const hosts = kept?.answers.hosts;
  if (!kept || hosts === undefined) return { ...emptyState, answers: given };
  const names = hosts.map(({ name, address }) => name ?? address).join(', ');
  output.err(`Answers of ${kept.at.slice(0, 16).replace('T', ' ')} UTC are kept (${names}).`);
  if (await askYes('Go on with them?', true)) return { ...emptyState, answers: { ...kept.answers, ...given } };
  dropAnswers(env.stateDir, file);
  return { ...emptyState, answers: given };
};

interface Run {
  invocation: Invocation;
  file: string;
  options: WizardOptions;
  state: WizardState;
  /** Questions that were asked, in order: the way back. */
  trail: QuestionId[];
  password: Secret | null;
}

const ask = async (run: Run, question: Parameters<typeof askQuestion>[0]): Promise<string | readonly string[] | typeof BACK> => {
  try {
    return await askQuestion(question, run.invocation.output);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted('SIGINT', { what: KEPT });
  }
};

const goBack = (run: Run): void => {
  const last = run.trail.pop();
  if (last !== undefined) run.state = forget(run.state, last);
};

/** Answers a question about logging in. Its answer is not kept, so there is no way back to it. */
const logIn = async (run: Run, question: Question): Promise<void> => {
  const typed = await ask(run, question);
  if (typed === BACK) return goBack(run);
  if (typed !== '') {
    run.password = new Secret(String(typed));
    run.state = give(run.state, question, typed);
    return;
  }
  const other = userQuestion(run.state);
  const user = await ask(run, other);
  if (user !== BACK) run.state = give(run.state, other, user);
};

const lookAround = async (run: Run, hosts: Parameters<typeof lookAt>[2]): Promise<void> => {
  const { output } = run.invocation;
  output.err(`Looking at ${hosts.map(({ name, address }) => name ?? address).join(', ')} ...`);
  run.state = withLooks(run.state, await lookAt(run.invocation, run.state, hosts, run.password));
  const all = allHosts(run.state.answers).every((host) => run.state.looks.get(hostWord(host))?.is === 'seen');
  if (all) output.err(`\n${seenText(nameHosts(run.state.answers, run.state.looks), output)}\n`);
};

const answer = async (run: Run, question: Question): Promise<void> => {
  const { env, output } = run.invocation;
  if (question.id === 'password') return logIn(run, question);
  const typed = await ask(run, question);
  if (typed === BACK) {
    if (run.trail.length === 0) output.err('This is the first question.');
    return goBack(run);
  }
  if (question.id === 'trust' && typed === 'no') throw new Stopped();
  run.state = give(run.state, question, typed);
  if (question.id !== 'trust' && question.id !== 'unreachable') run.trail.push(question.id);
  keepAnswers(env.stateDir, run.file, run.state.answers);
};

/** Somebody said no. */
class Stopped extends Error {}

/** The file is shown, and goes where somebody says. false: an answer is to be given anew. */
const review = async (run: Run, text: string): Promise<boolean> => {
  const shown = relative(process.cwd(), run.file) || run.file;
  const typed = await ask(run, reviewQuestion(text, shown, existsSync(run.file) && !run.options.force));
  if (typed === BACK) {
    goBack(run);
    return false;
  }
  const choice = typed as ReviewAnswer;
  if (choice === 'write') return true;
  if (choice === 'leave') throw new Stopped();
  if (choice === 'zones') {
    const zones = await ask(run, zonesQuestion(run.state));
    if (typeof zones === 'string') run.state = giveZones(run.state, zones);
    keepAnswers(run.invocation.env.stateDir, run.file, run.state.answers);
    return false;
  }
  run.state = forget(run.state, choice);
  run.trail = run.trail.filter((id) => id !== choice);
  return false;
};

/** What cannot be made of the answers is said, and the answer that it hangs on is asked for again. */
const made = (run: Run): string | null => {
  try {
    return fileText(finish(run.state));
  } catch (error) {
    if (!(error instanceof GlusterctlError) || run.trail.length === 0) throw error;
    run.invocation.output.err(errorText(error));
    goBack(run);
    return null;
  }
};

/** Asks until the file is agreed to. null: nothing is to be written. */
export const wizard = async (
  invocation: Invocation,
  given: InitAnswers,
  file: string,
  options: WizardOptions,
): Promise<{ state: WizardState; text: string } | null> => {
  const run: Run = { invocation, file, options, state: await begin(invocation, given, file), trail: [], password: null };
  try {
    for (;;) {
      const look = !options.offline && needsLook({ ...given, ...(run.state.answers.hosts && { hosts: run.state.answers.hosts }) });
      const step = nextStep(run.state, { look });
      if (step.do === 'look') await lookAround(run, step.hosts);
      else if (step.do === 'ask') await answer(run, step.question);
      else {
        const text = made(run);
        if (text === null || !(await review(run, text))) continue;
        dropAnswers(invocation.env.stateDir, file);
        return { state: run.state, text };
      }
    }
  } catch (error) {
    if (error instanceof Stopped) return null;
    throw error;
  }
};
