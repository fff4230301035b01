/** The parts of ssh2 that are loaded by themselves, as its lib/index.js puts them together. */
declare module 'ssh2/lib/client.js' {
  import { Client } from 'ssh2';
  export default Client;
}
declare module 'ssh2/lib/agent.js' {
  import { BaseAgent, OpenSSHAgent } from 'ssh2';

  const agent: { BaseAgent: typeof BaseAgent; OpenSSHAgent: typeof OpenSSHAgent };
  export default agent;
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  import { utils } from 'ssh2';

  const keys: Pick<typeof utils, 'parseKey'>;
  export default keys;
}
