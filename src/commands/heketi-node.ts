import { findCluster } from '../config/find.ts';
import { Refused } from '../errors.ts';
import { client } from '../heketi/paths.ts';
import type { Cluster, HeketiServer } from '../model/cluster.ts';
import type { Host, RunResult } from '../model/host.ts';
import { type Sh, sh } from '../sh.ts';
import type { Invocation } from './invocation.ts';
import type { Session } from './session.ts';

/** The Heketi that the file has installed; Refused where it has none. */
export const serverOf = ({ file, heketi }: Cluster): HeketiServer => {
  if (heketi.server) return heketi.server;
  throw new Refused({
    what: `${file} has no Heketi installed`,
    next: 'add heketi: { node: node-1 } with a server of the pool; see docs/kubernetes.md',
  });
};

export const heketiServer = async ({ config, env }: Invocation): Promise<HeketiServer> =>
  serverOf((await findCluster(config, env)).cluster);

export const hostOf = ({ hosts }: Pick<Session, 'hosts'>, { node }: HeketiServer): Host => {
  const host = hosts.get(node);
  if (host) return host;
  throw new Refused({ what: `Heketi runs on ${node}, which --limit leaves out`, next: 'leave --limit out' });
};

/** A script for Heketi's node, in which heketi-cli is its admin. */
export const onHeketi = (session: Pick<Session, 'hosts'>, server: HeketiServer, body: Sh): Promise<RunResult> =>
  hostOf(session, server).run(
    sh`
    ${client(server.port)}
    command -v heketi-cli >/dev/null || { echo 'heketi-cli is not installed: glusterctl apply' >&2; exit 127; }
    ${body}`.text,
  );
