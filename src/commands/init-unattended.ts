import { ConnectError, Refused } from '../errors.ts';
import type { WizardState } from '../init/answers.ts';
import { looksBy, passwordQuestion, type Question, trustQuestion, unreachableQuestion } from '../init/questions.ts';
import { give, needsLook, nextStep, unattended } from '../init/steps.ts';
import { lookAt, withLooks } from './init-look.ts';
import type { Invocation } from './invocation.ts';

/** Everything that keeps the wizard from seeing hosts, in one error. */
const blind = (state: WizardState): ConnectError => {
  const questions = [
    ...(looksBy(state, 'unknown-key').length > 0 ? [trustQuestion(state)] : []),
    ...(looksBy(state, 'login').length > 0 ? [passwordQuestion(state)] : []),
    ...(looksBy(state, 'unreachable').length > 0 ? [unreachableQuestion(state)] : []),
  ];
  const lost = [...state.looks.values()].filter(({ is }) => is !== 'seen').length;
  return new ConnectError({
    what: `${lost} of ${state.looks.size} hosts cannot be looked at`,
    why: questions.map(({ show }) => show).join('\n'),
    next: [...questions.map(({ flag }) => flag), 'or --offline, and say everything by flags'].join('; '),
  });
};

const BLIND: readonly string[] = ['trust', 'password', 'unreachable'];

const noAnswer = (question: Question, state: WizardState): Error =>
  BLIND.includes(question.id)
    ? blind(state)
    : new Refused({ what: `${question.text} Nobody can be asked here`, next: `give ${question.flag}` });

/** All questions answered by flags, by what the hosts show, and by defaults. Throws where only a person could answer. */
export const unattendedState = async (invocation: Invocation, begun: WizardState, offline: boolean): Promise<WizardState> => {
  const options = { look: !offline && needsLook(begun.answers) };
  let state = begun;
  for (;;) {
    const step = nextStep(state, options);
    if (step.do === 'done') return state;
    if (step.do === 'look') {
      invocation.output.verbose && invocation.output.err(`Looking at ${step.hosts.length} hosts`);
      state = withLooks(state, await lookAt(invocation, state, step.hosts, null));
      continue;
    }
    const answer = unattended(step.question, state);
    if (answer === null) throw noAnswer(step.question, state);
    state = give(state, step.question, answer);
  }
};
