import type * as Ssh2Module from 'ssh2';

export interface Ssh2 extends Pick<typeof Ssh2Module, 'Client' | 'BaseAgent' | 'OpenSSHAgent'> {
  utils: Pick<typeof Ssh2Module.utils, 'parseKey'>;
}

/** Loaded when a connection is first wanted: it takes as long as a small login. */
export const loadSsh2 = async (): Promise<Ssh2> => {
  // Not the whole: its server and its agents for HTTP bring much of Node along.
  const [{ default: Client }, { default: agent }, { default: keys }] = await Promise.all([
    import('ssh2/lib/client.js'),
    import('ssh2/lib/agent.js'),
    import('ssh2/lib/protocol/keyParser.js'),
  ]);
  return { Client, BaseAgent: agent.BaseAgent, OpenSSHAgent: agent.OpenSSHAgent, utils: { parseKey: keys.parseKey } };
};
