import type { Node } from '../model/cluster.ts';
import type { Receiver } from '../model/host.ts';
import { localLink } from './local-link.ts';
import { opensshLink } from './openssh-link.ts';
import type { ConnectOptions } from './options.ts';
import { sharedBy } from './shared.ts';
import { shellHost } from './shell-host.ts';
import { ssh2Link } from './ssh2-link.ts';

export type { ConnectOptions, Question, UnknownKey } from './options.ts';
export { type Recorded, recordedHost, recordingHost } from './recorded.ts';

/**
 * A node to run scripts on. Nothing is connected before the first run. Nodes that are opened with the same
 * `options` object share questions, keys, jump hosts and what `ssh -G` says.
 */
export const openHost = (node: Node, options: ConnectOptions): Receiver => {
  const shared = sharedBy(options);
  const link =
    node.address === 'local' ? localLink() : node.ssh.transport === 'openssh' ? opensshLink(node, shared) : ssh2Link(node, shared);
  return shellHost(node.name, link, node.ssh.sudo, { ...options, ask: shared.ask });
};
