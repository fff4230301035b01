import type * as Ssh2Module from 'ssh2';

export type Ssh2 = Pick<typeof Ssh2Module, 'Client' | 'BaseAgent' | 'OpenSSHAgent' | 'utils'>;

/** Loaded when a connection is first wanted: it takes as long as a small login. */
export const loadSsh2 = async (): Promise<Ssh2> => (await import('ssh2')).default;
