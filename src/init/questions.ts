import type { BrickAnswer, GlusterAnswer, Look, UseAnswer, WizardState } from './answers.ts';
import { allHosts } from './answers.ts';
import { type HostWish, hostWord, parseHosts } from './hosts.ts';
import { type LayoutOffer, layoutOffers } from './layouts.ts';
import { nameHosts } from './names.ts';
import { glusterOffers } from './offers.ts';
import { placeChoices, serversFor } from './places.ts';
import type { SeenNode } from './seen.ts';

export type QuestionId = 'hosts' | 'use' | 'trust' | 'unreachable' | 'password' | 'user' | 'gluster' | 'bricks' | 'layout';

export interface Choice {
  value: string;
  title: string;
  /** Why it cannot be taken. */
  refused?: string | null;
}

interface Base<Id> {
  id: Id;
  text: string;
  /** What may be typed, in a line below. */
  hint: string;
  /** Printed before the question. */
  show: string;
  /** The flag that answers it. */
  flag: string;
}

/** A question as data: any way of drawing it gives back an answer's text or values. */
export type QuestionOf<Id extends string> = Base<Id> &
  (
    | { kind: 'text'; default: string; check(text: string): string | null }
    | { kind: 'lines'; default: string; check(text: string): string | null }
    | { kind: 'secret' }
    | { kind: 'one'; choices: readonly Choice[]; default: string }
    | { kind: 'many'; choices: readonly Choice[]; defaults: readonly string[]; check(values: readonly string[]): string | null }
  );

export type Question = QuestionOf<QuestionId>;

export type Answered = string | readonly string[];

const SAME = /^(same|these|all|servers)$/i;
const KUBERNETES = /^(kubernetes|k8s)$/i;
const NOBODY = /^(nobody|none|-)?$/i;

export const parseUse = (text: string): { ok: true; use: UseAnswer } | { ok: false; why: string } => {
  const word = text.trim();
  if (NOBODY.test(word)) return { ok: true, use: { kind: 'nobody' } };
  if (SAME.test(word)) return { ok: true, use: { kind: 'servers' } };
  if (KUBERNETES.test(word)) return { ok: true, use: { kind: 'kubernetes' } };
  const parsed = parseHosts(text);
  return parsed.ok ? { ok: true, use: { kind: 'clients', hosts: parsed.hosts } } : parsed;
};

export const useWord = (use: UseAnswer): string => {
  if (use.kind === 'clients') return use.hosts.map(hostWord).join(' ');
  return { nobody: 'nobody', servers: 'same', kubernetes: 'kubernetes' }[use.kind];
};

export const looksBy = <K extends Look['is']>(state: WizardState, is: K): { host: HostWish; look: Extract<Look, { is: K }> }[] =>
  allHosts(state.answers).flatMap((host) => {
    const look = state.looks.get(hostWord(host));
    return look?.is === is ? [{ host, look: look as Extract<Look, { is: K }> }] : [];
  });

const label = ({ name, address }: HostWish): string => name ?? address;

export const hostsQuestion = ({ before }: WizardState): Question => ({
  id: 'hosts',
  kind: 'lines',
  text: 'Which hosts are to carry the volume?',
  hint: 'names, addresses, NAME=ADDRESS, ranges such as node[1-3], USER@HOST, or a pasted list',
  show: '',
  flag: '--node NAME=ADDRESS',
  default: (before.hosts ?? []).map(hostWord).join(' '),
  check: (text) => {
    const parsed = parseHosts(text);
    return parsed.ok ? null : parsed.why;
  },
});

export const useQuestion = ({ before }: WizardState): Question => ({
  id: 'use',
  kind: 'text',
  text: 'Who mounts the volume?',
  hint: 'nobody, same (these hosts), kubernetes, or other hosts written as before',
  show: '',
  flag: '--client NAME=ADDRESS',
  default: before.use ? useWord(before.use) : 'nobody',
  check: (text) => {
    const parsed = parseUse(text);
    return parsed.ok ? null : parsed.why;
  },
});

export const trustQuestion = (state: WizardState): Question => {
  const unknown = looksBy(state, 'unknown-key');
  return {
    id: 'trust',
    kind: 'one',
    text: unknown.length === 1 ? 'Is this its host key?' : `Are these the host keys of these ${unknown.length} hosts?`,
    hint: 'compare with what the host itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    show: [
      'These hosts are not known yet. The keys they show:',
      ...unknown.map(({ host, look }) => `  ${label(host)}  ${look.type}  ${look.fingerprint}`),
    ].join('\n'),
    flag: '--known-hosts FILE, or --host-keys accept-new, for host keys that are not known',
    choices: [
      { value: 'yes', title: "yes: note them in glusterctl's own known_hosts, and go on" },
      { value: 'no', title: 'no: stop here' },
    ],
    default: 'no',
  };
};

export const passwordQuestion = (state: WizardState): Question => {
  const shut = looksBy(state, 'login');
  const users = [...new Set(shut.map(({ look }) => look.user))].join(', ');
  return {
    id: 'password',
    kind: 'secret',
    text: `Password of ${users} on ${shut.map(({ host }) => label(host)).join(', ')}`,
    hint: 'not kept; empty: log in as somebody else',
    show: ['These hosts let nobody in yet:', ...shut.map(({ host, look }) => `  ${label(host)}: ${look.why}`)].join('\n'),
    flag: '--user, --identity-file, or GLUSTERCTL_SSH_PASSWORD in the environment, to log in',
  };
};

export const userQuestion = ({ answers }: WizardState): Question => ({
  id: 'user',
  kind: 'text',
  text: 'Log in as',
  hint: 'root, or a user who may use sudo',
  show: '',
  flag: '--user USER',
  default: answers.ssh?.user ?? 'root',
  check: (text) => (/^[A-Za-z0-9_][A-Za-z0-9_.@\\$+-]*$/.test(text.trim()) ? null : 'a user name: letters, digits and "_.@\\$+-"'),
});

export const unreachableQuestion = (state: WizardState): Question => {
  const lost = looksBy(state, 'unreachable');
  const left = (state.answers.hosts ?? []).filter((host) => !lost.some((l) => l.host === host));
  return {
    id: 'unreachable',
    kind: 'one',
    text: `${lost.length} of ${allHosts(state.answers).length} hosts cannot be reached. What now?`,
    hint: '',
    show: lost
      .map(
        ({ host, look }) =>
          `${label(host)}: ${look.what}\n    ${look.why.replaceAll('\n', '\n    ')}${look.next && `\n  next: ${look.next}`}`,
      )
      .join('\n'),
    flag: '--node NAME=ADDRESS without those that cannot be reached',
    choices: [
      { value: 'again', title: 'try again' },
      { value: 'without', title: 'go on without them', refused: left.length === 0 ? 'no host would be left' : null },
      { value: 'hosts', title: 'correct the list of hosts' },
    ],
    default: 'again',
  };
};

/** What an offer is called as an answer. */
export const offerKey = ({ source, version }: GlusterAnswer): string => `${source} ${version}`;

const seenServers = (state: WizardState): SeenNode[] => nameHosts(state.answers, state.looks).flatMap(({ seen }) => (seen ? [seen] : []));

/** Offers that a choice can stand for; a mirror needs three answers, which flags give. */
export const plainOffers = (state: WizardState): GlusterAnswer[] =>
  glusterOffers(seenServers(state)).filter(({ version }) => version !== '');

const MIRROR = 'a mirror: start again with --source mirror --mirror URL --key FILE --fingerprint FINGERPRINT';

export const glusterQuestion = (state: WizardState): Question => {
  const { before } = state;
  const offers = glusterOffers(seenServers(state)).filter(({ version }) => version !== '');
  return {
    id: 'gluster',
    kind: 'one',
    text: 'Which GlusterFS?',
    hint: '',
    show: '',
    flag: '--gluster-version VERSION and --source SOURCE',
    choices: [
      ...offers.map((offer) => ({ value: offerKey(offer), title: `${offer.version}  ${offer.title}` })),
      { value: 'mirror', title: 'another source', refused: MIRROR },
    ],
    default:
      [before.gluster, offers[0]].flatMap((o) => (o && offers.some((x) => offerKey(x) === offerKey(o)) ? [offerKey(o)] : []))[0] ?? '',
  };
};

const brickKey = (answer: BrickAnswer): string =>
  answer.kind === 'disk' ? `disk:${answer.node}:${answer.disk}` : `${answer.root ? 'root' : 'folder'}:${answer.path}`;

export const servers = (state: WizardState) => nameHosts(state.answers, state.looks).filter(({ server }) => server);

export const bricksQuestion = (state: WizardState): Question => {
  const choices = placeChoices(servers(state));
  const chosenBefore = (state.before.bricks ?? []).map(brickKey).filter((key) => choices.some((c) => c.key === key && c.refused === null));
  const known = new Map(choices.map((choice) => [choice.key, choice.answer]));
  return {
    id: 'bricks',
    kind: 'many',
    text: 'Where shall the data lie?',
    hint: '',
    show: '',
    flag: '--disk [NODE:]DEVICE or --brick-path [NODE:]PATH',
    choices: choices.map(({ key, title, refused }) => ({ value: key, title, refused })),
    defaults: chosenBefore.length > 0 ? chosenBefore : choices.filter(({ safe }) => safe).map(({ key }) => key),
    check: (values) => {
      if (values.length === 0) return 'choose at least one';
      const bricks = values.flatMap((value) => known.get(value) ?? []);
      const offers = offersFor({ ...state, answers: { ...state.answers, bricks } });
      return offers.length > 0 ? null : 'no server has a place among these';
    },
  };
};

/** Layouts that the chosen places allow. */
export const offersFor = (state: WizardState): LayoutOffer[] =>
  layoutOffers(serversFor(nameHosts(state.answers, state.looks), state.answers));

export const layoutKey = ({ type, setSize, redundancy }: Pick<LayoutOffer, 'type' | 'setSize' | 'redundancy'>): string =>
  `${type} ${setSize} ${redundancy}`;

export const layoutQuestion = (state: WizardState): Question => {
  const offers = offersFor(state);
  return {
    id: 'layout',
    kind: 'one',
    text: 'How shall it be kept?',
    hint: '',
    show: '',
    flag: '--type TYPE and --replica N',
    choices: offers.map((offer) => ({ value: layoutKey(offer), title: `${offer.title}${offer.risk === null ? '' : `: ${offer.risk}`}` })),
    default:
      [state.before.layout, offers[0]].flatMap((o) => (o && offers.some((x) => layoutKey(x) === layoutKey(o)) ? [layoutKey(o)] : []))[0] ??
      '',
  };
};
