import { ConnectError, GlusterctlError } from '../errors.ts';
import { allHosts, type Look, type WizardState } from '../init/answers.ts';
import { type HostWish, hostWord } from '../init/hosts.ts';
import { seeNode, wizardFacts } from '../init/seen.ts';
import type { Node } from '../model/cluster.ts';
import { askAll } from '../run/ask.ts';
import type { Secret } from '../sh.ts';
import { openHost, type UnknownKey } from '../transport/index.ts';
import { askSecret } from '../ui/ask.ts';
import type { Invocation } from './invocation.ts';

/** A node as the file would have it, as far as logging in is concerned. */
export const nodeFor = (host: HostWish, { answers }: Pick<WizardState, 'answers'>): Node => {
  const ssh = answers.ssh ?? {};
  const name = host.name ?? host.address;
  return {
    name,
    address: host.address,
    storage: host.address,
    zone: name,
    roles: ['server'],
    ssh: {
      user: host.user ?? ssh.user ?? null,
      port: host.port ?? ssh.port ?? null,
      identityFile: ssh.identityFile ?? null,
      knownHosts: ssh.knownHosts === undefined ? null : [ssh.knownHosts],
      hostKeys: ssh.hostKeys ?? 'strict',
      jump: ssh.jump ?? null,
      sudo: 'auto',
      transport: 'ssh2',
    },
    disks: [],
    partition: null,
  };
};

/** What a failure means to the wizard. The texts are the transport's own. */
const lookOf = (error: GlusterctlError, unknown: UnknownKey | undefined): Look => {
  if (unknown) return { is: 'unknown-key', ...unknown };
  const { what, why = '', next = '' } = error.report;
  const said = `${what} ${why}`;
  if (
    /cannot log in|asks for a password|is encrypted|cannot open the key|cannot become root|sudo asks|is not root/.test(said) &&
    !/cannot connect/.test(what)
  ) {
    const user = /([^\s@]+)@\S+/.exec(what)?.[1] ?? /^(\S+) cannot become/.exec(what)?.[1] ?? 'root';
    return { is: 'login', user, why: [what, why].filter(Boolean).join(': ') };
  }
  return { is: 'unreachable', what, why, next };
};

/** One passphrase for a key, however many hosts take it. */
const passphrases = (interactive: boolean, tried: boolean): ((question: { kind: string; text: string }) => Promise<string>) | null => {
  if (!interactive) return null;
  const known = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();
  return ({ kind, text }) => {
    // A password is asked for by the wizard itself, once for all hosts that want one.
    if (kind !== 'passphrase') {
      const place = /[^\s@]+@[^\s:]+/.exec(text)?.[0];
      const what = kind === 'sudo-password' ? 'cannot become root' : place ? `cannot log in to ${place}` : 'cannot log in';
      const asked = text.replace(/^That was not right\. /, '');
      return Promise.reject(new ConnectError({ what, why: tried ? 'the password was not right' : `it is asked for the ${asked}` }));
    }
    const asked = known.get(text) ?? last.then(() => askSecret(text));
    last = asked.catch(() => {});
    known.set(text, asked);
    return asked;
  };
};

/** Looks at hosts, all at once: one exec each, nothing is installed or written there. */
export const lookAt = async (
  invocation: Invocation,
  state: WizardState,
  hosts: readonly HostWish[],
  password: Secret | null,
): Promise<Map<string, Look>> => {
  const { env, output } = invocation;
  const facts = Object.values(wizardFacts());
  const ask = passphrases(output.interactive, password !== null);
  const one = async (host: HostWish): Promise<Look> => {
    const node = nodeFor(host, state);
    let unknown: UnknownKey | undefined;
    const trust = (seen: UnknownKey): boolean => {
      const agreed = state.trusted.has(seen.fingerprint);
      if (!agreed) unknown = seen;
      return agreed;
    };
    const options = {
      cluster: state.answers.name ?? 'init',
      stateDir: env.stateDir,
      home: env.home,
      agentSocket: env.agentSocket,
      env: { password: password ?? env.sshPassword, sudoPassword: env.sudoPassword ?? password, passphrase: env.passphrase },
      ask,
      trust,
      ...(output.verbose && { log: (line: string) => output.err(line) }),
    };
    const opened = openHost(node, options);
    try {
      const { answers, failures } = await askAll(new Map([[node.name, opened]]), new Map([[node.name, facts]]), 1);
      const failure = failures.get(node.name);
      if (failure) return lookOf(failure, unknown);
      return { is: 'seen', node: seeNode(answers.get(node.name) ?? new Map()) };
    } catch (error) {
      if (!(error instanceof GlusterctlError)) throw error;
      return lookOf(error, unknown);
    } finally {
      await opened.close();
    }
  };
  const looks = await Promise.all(hosts.map(async (host) => [hostWord(host), await one(host)] as const));
  return new Map(looks);
};

/** The state with what was seen; looks at hosts that are no longer named are dropped. */
export const withLooks = (state: WizardState, looks: ReadonlyMap<string, Look>): WizardState => {
  const named = new Set(allHosts(state.answers).map(hostWord));
  return { ...state, looks: new Map([...state.looks, ...looks].filter(([key]) => named.has(key))) };
};
