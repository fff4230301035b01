import { allHosts, type InitAnswers, type Look, type UseAnswer, type WizardState } from './answers.ts';
import { type HostWish, hostWord, parseHosts } from './hosts.ts';
import { placeChoices } from './places.ts';
import {
  type Answered,
  bricksQuestion,
  glusterQuestion,
  hostsQuestion,
  layoutKey,
  layoutQuestion,
  looksBy,
  offerKey,
  offersFor,
  parseUse,
  passwordQuestion,
  plainOffers,
  type Question,
  type QuestionId,
  servers,
  trustQuestion,
  unreachableQuestion,
  useQuestion,
} from './questions.ts';

export type Step = { do: 'ask'; question: Question } | { do: 'look'; hosts: readonly HostWish[] } | { do: 'done' };

/** Whether there is anything left that only a look at the hosts can tell, or that the file's rules need. */
export const needsLook = ({ hosts, gluster, bricks, storage }: InitAnswers): boolean => {
  const named = (hosts ?? []).every(({ name, address }) => name !== null && (storage?.[name] !== undefined || /^[\d.]+$|:/.test(address)));
  return !named || gluster === undefined || bricks === undefined;
};

/** The next thing to do. Pure: everything that was found out is in the state. */
export const nextStep = (state: WizardState, options: { look: boolean }): Step => {
  const { answers } = state;
  const ask = (question: Question): Step => ({ do: 'ask', question });
  if (answers.hosts === undefined) return ask(hostsQuestion(state));
  if (answers.use === undefined) return ask(useQuestion(state));
  if (options.look) {
    const open = allHosts(answers).filter((host) => !state.looks.has(hostWord(host)));
    if (open.length > 0) return { do: 'look', hosts: open };
    if (looksBy(state, 'unknown-key').length > 0) return ask(trustQuestion(state));
    if (looksBy(state, 'login').length > 0) return ask(passwordQuestion(state));
    if (looksBy(state, 'unreachable').length > 0) return ask(unreachableQuestion(state));
  }
  if (answers.gluster === undefined) return ask(glusterQuestion(state));
  if (answers.bricks === undefined) return ask(bricksQuestion(state));
  return answers.layout === undefined ? ask(layoutQuestion(state)) : { do: 'done' };
};

const without = (state: WizardState, is: Look['is']): WizardState['looks'] =>
  new Map([...state.looks].filter(([, look]) => look.is !== is));

const one = (answer: Answered): string => (typeof answer === 'string' ? answer : (answer[0] ?? ''));

/** The state with an answer in it, as the question gave it. An answer that the question does not have is a programming error. */
export const give = (state: WizardState, question: Question, answer: Answered): WizardState => {
  const { answers } = state;
  const set = (more: Partial<InitAnswers>): WizardState => ({ ...state, answers: { ...answers, ...more } });
  const wrong = (): never => {
    throw new Error(`no answer to ${question.id}: ${JSON.stringify(answer)}`);
  };
  switch (question.id) {
    case 'hosts': {
      const parsed = parseHosts(one(answer));
      return parsed.ok ? set({ hosts: parsed.hosts }) : wrong();
    }
    case 'use': {
      const parsed = parseUse(one(answer));
      return parsed.ok ? set({ use: parsed.use }) : wrong();
    }
    case 'trust': {
      const fingerprints = looksBy(state, 'unknown-key').map(({ look }) => look.fingerprint);
      return { ...state, looks: without(state, 'unknown-key'), trusted: new Set([...state.trusted, ...fingerprints]) };
    }
    case 'password':
      return { ...state, looks: without(state, 'login') };
    case 'user':
      return { ...set({ ssh: { ...answers.ssh, user: one(answer).trim() } }), looks: without(state, 'login') };
    case 'unreachable': {
      const lost = new Set(looksBy(state, 'unreachable').map(({ host }) => hostWord(host)));
      const looks = without(state, 'unreachable');
      if (one(answer) === 'again') return { ...state, looks };
      if (one(answer) === 'hosts') return { ...forget(state, 'hosts'), looks };
      const stays = (hosts: readonly HostWish[]) => hosts.filter((host) => !lost.has(hostWord(host)));
      const use = answers.use?.kind === 'clients' ? { ...answers.use, hosts: stays(answers.use.hosts) } : answers.use;
      const kept: UseAnswer | undefined = use?.kind === 'clients' && use.hosts.length === 0 ? { kind: 'nobody' } : use;
      return { ...set({ hosts: stays(answers.hosts ?? []), ...(kept && { use: kept }) }), looks };
    }
    case 'gluster': {
      const offer = plainOffers(state).find((o) => offerKey(o) === one(answer));
      return offer ? set({ gluster: { source: offer.source, version: offer.version } }) : wrong();
    }
    case 'bricks': {
      const choices = placeChoices(servers(state));
      const chosen = choices.filter((choice) => answer.includes(choice.key) && choice.refused === null);
      return chosen.length > 0 ? set({ bricks: chosen.map((choice) => choice.answer) }) : wrong();
    }
    case 'layout': {
      const offer = offersFor(state).find((o) => layoutKey(o) === one(answer));
      if (!offer) return wrong();
      const { type, setSize, redundancy, allow } = offer;
      return set({ layout: { type, setSize, redundancy, allow } });
    }
  }
};

/** What hangs on an answer is asked again with it: other hosts have other disks, other disks other layouts. */
const DEPENDENT: Readonly<Partial<Record<QuestionId, readonly (keyof InitAnswers)[]>>> = {
  hosts: ['hosts', 'gluster', 'bricks', 'layout'],
  use: ['use'],
  gluster: ['gluster'],
  bricks: ['bricks', 'layout'],
  layout: ['layout'],
};

/** The state as if the question had not been answered. What was answered stays as the default. */
export const forget = (state: WizardState, id: QuestionId): WizardState => {
  const gone = DEPENDENT[id] ?? [];
  const answers = Object.fromEntries(Object.entries(state.answers).filter(([key]) => !gone.includes(key as keyof InitAnswers)));
  return { ...state, answers, before: { ...state.before, ...state.answers } };
};

/** Answer of a question where nobody is there to be asked; null where only a person may say it. */
export const unattended = (question: Question, state: WizardState): Answered | null => {
  if (question.id === 'use') return 'nobody';
  if (question.id === 'gluster' && question.kind === 'one') return question.default || null;
  if (question.id === 'bricks' && question.kind === 'many') return question.defaults.length > 0 ? question.defaults : null;
  if (question.id === 'layout' && question.kind === 'one') {
    const [first] = offersFor(state);
    const allowed = new Set(state.answers.allow ?? []);
    const taken =
      first !== undefined && (first.risk === null || (first.allow.length > 0 && first.allow.every((risk) => allowed.has(risk))));
    return taken ? layoutKey(first) : null;
  }
  return null;
};
