import { ConnectError, Refused } from '../errors.ts';

/** Puts the node's name on an error that was made where it was not known. */
export const ofNode = (node: string, error: unknown): unknown => {
  if (error instanceof ConnectError && error.report.node === undefined)
    return new ConnectError({ ...error.report, node }, { cause: error.cause });
  if (error instanceof Refused && error.reasons.some((r) => r.node === undefined))
    return new Refused(error.reasons.map((r) => ({ ...r, node: r.node ?? node })));
  return error;
};

/** Says that it was a jump host, not the node itself; of several the one where it happened. */
export const ofHop = (hop: string, error: unknown): unknown => {
  if (error instanceof ConnectError && error.report.what.startsWith('jump host ')) return error;
  if (error instanceof ConnectError) return new ConnectError({ ...error.report, what: `jump host ${hop}: ${error.report.what}` });
  if (error instanceof Refused) return new Refused(error.reasons.map((r) => ({ ...r, what: `jump host ${hop}: ${r.what}` })));
  return error;
};

const LOGS_IN = 'look whether the node is up and its address and ssh.port are right';

const NETWORK: Readonly<Record<string, readonly [why: string, next: string]>> = {
  ECONNREFUSED: ['connection refused', 'start sshd there, or mend ssh.port; a firewall may refuse too'],
  EHOSTUNREACH: ['no route to the host', LOGS_IN],
  ENETUNREACH: ['the network cannot be reached from here', 'look at the routes of this machine, or give a jump host (ssh.jump)'],
  ETIMEDOUT: ['no answer', `${LOGS_IN}; a firewall may drop the packets`],
  ENOTFOUND: ['the name does not resolve', 'mend `address`, or give an IP address'],
  EAI_AGAIN: ['the name server does not answer', 'try again, or give an IP address'],
  ECONNRESET: ['the connection was reset', LOGS_IN],
};

/** `error`: of a socket. */
export const unreachable = (place: string, error: Error): ConnectError => {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [why, next] = NETWORK[code] ?? [error.message, LOGS_IN];
  return new ConnectError(
    { what: `cannot connect to ${place}`, why: code && NETWORK[code] ? `${why} (${code})` : why, next },
    { cause: error },
  );
};

export const noAnswer = (place: string, during: string, ms: number): ConnectError =>
  new ConnectError({
    what: `cannot connect to ${place}`,
    why: `${during}: no answer within ${ms / 1000} s`,
    next: `${LOGS_IN}; a firewall may drop the packets`,
  });

export const lost = (place: string, why: string): ConnectError =>
  new ConnectError({
    what: `the connection to ${place} was lost while a script was running`,
    why,
    next: 'what the script has done by then is not known; look at the node, then run the same again',
  });
