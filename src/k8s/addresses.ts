import type { Report } from '../errors.ts';
import type { Node } from '../model/cluster.ts';

/** Kubernetes refuses these in Endpoints: unspecified, loopback, link-local, multicast (ValidateNonSpecialIP). */
const SPECIAL = /^(0\.0\.0\.0$|127\.|169\.254\.|2(2[4-9]|3[0-9])\.|::1?$|fe[89ab]|ff)/i;

/** What cluster.yaml takes as a name has no colon, and does not end in digits alone. */
const isAddress = (text: string): boolean => /:|^[0-9.]+$/.test(text);

/** Kubernetes knows the pool by addresses only: a name of it need not resolve there. */
export const addressFaults = (nodes: readonly Node[], whatFor: string): Report[] =>
  nodes.flatMap(({ name, storage }) => {
    const next = `set storage: of ${name} to an IP address that the nodes of Kubernetes reach`;
    if (!isAddress(storage))
      return [{ what: `${name} has the storage address ${storage}, which is a name`, why: `${whatFor} take IP addresses only`, next }];
    if (SPECIAL.test(storage)) return [{ what: `${name} has the storage address ${storage}`, why: `Kubernetes does not take it`, next }];
    return [];
  });
