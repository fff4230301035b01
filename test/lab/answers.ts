import { connect } from 'node:net';

/** Does something listen at the host and port of this URL? */
export const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port, protocol } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)), timeout: 1_000 });
    const done = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket
      .on('connect', () => done(true))
      .on('error', () => done(false))
      .on('timeout', () => done(false));
  });
