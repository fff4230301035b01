import type { Allow, Gluster } from '../model/cluster.ts';
import type { HostWish } from './hosts.ts';
import { hostWord } from './hosts.ts';
import type { LayoutWish } from './layouts.ts';
import type { SeenNode } from './seen.ts';

export interface GlusterAnswer {
  source: Gluster['source'];
  version: string;
  mirror?: string;
  key?: string;
  fingerprint?: string;
}

/** Who is to mount the volume. */
export type UseAnswer =
  | { kind: 'nobody' }
  | { kind: 'servers' }
  /** `hosts` may name servers too. */
  | { kind: 'clients'; hosts: readonly HostWish[] }
  | { kind: 'kubernetes' };

/**
 * Where bricks go. A disk is by its path as the wizard has seen it, on one node; a folder is on one node or, with
 * node null, on every server that has it.
 */
export type BrickAnswer =
  | { kind: 'disk'; node: string | null; disk: string }
  /** `root`: on the root filesystem, a risk taken knowingly. */
  | { kind: 'folder'; node: string | null; path: string; root?: boolean };

/**
 * All that a person or flags have said. Plain JSON without secrets: it is kept when the wizard is left.
 * What is undefined has not been answered.
 */
export interface InitAnswers {
  hosts?: readonly HostWish[];
  use?: UseAnswer;
  gluster?: GlusterAnswer;
  bricks?: readonly BrickAnswer[];
  layout?: LayoutWish;
  name?: string;
  volume?: string;
  mountPath?: string;
  /** Zone by node name; a node that is not in it is a zone of its own. */
  zones?: Readonly<Record<string, string>>;
  /** Storage address by node name. */
  storage?: Readonly<Record<string, string>>;
  ssh?: SshAnswer;
  allow?: readonly Allow[];
}

export interface SshAnswer {
  user?: string;
  port?: number;
  identityFile?: string;
  knownHosts?: string;
  hostKeys?: 'strict' | 'accept-new';
  jump?: string;
}

/** What came of looking at a host. */
export type Look =
  | { is: 'seen'; node: SeenNode }
  /** Its host key is not known yet. */
  | { is: 'unknown-key'; place: string; type: string; fingerprint: string }
  /** It was reached, and let nobody in. */
  | { is: 'login'; user: string; why: string }
  | { is: 'unreachable'; what: string; why: string; next: string };

/** By `hostWord`. */
export type Looks = ReadonlyMap<string, Look>;

export interface WizardState {
  answers: InitAnswers;
  /** What was answered before somebody went back: the defaults now. */
  before: InitAnswers;
  looks: Looks;
  /** Fingerprints that a person has agreed to. */
  trusted: ReadonlySet<string>;
}

export const emptyState: WizardState = { answers: {}, before: {}, looks: new Map(), trusted: new Set() };

export const DEFAULT_NAME = 'gluster';
export const DEFAULT_VOLUME = 'gv0';

export const clientHosts = ({ use }: InitAnswers): readonly HostWish[] => (use?.kind === 'clients' ? use.hosts : []);

const sameHost = (a: HostWish, b: HostWish): boolean =>
  (a.address === b.address && a.port === b.port) ||
  (a.name !== null && a.name === b.name) ||
  (a.name === b.name && a.address === b.address);

/** Hosts that are clients only: a client that is named like a server is that server. */
export const extraClients = (answers: InitAnswers): HostWish[] =>
  clientHosts(answers).filter((client) => !(answers.hosts ?? []).some((server) => sameHost(client, server)));

/** Servers first, then clients, each once. */
export const allHosts = (answers: InitAnswers): HostWish[] => [...(answers.hosts ?? []), ...extraClients(answers)];

export const seenOf = (looks: Looks, host: HostWish): SeenNode | null => {
  const look = looks.get(hostWord(host));
  return look?.is === 'seen' ? look.node : null;
};
