import { EXIT, GlusterctlError } from '../errors.ts';
import { explain } from '../heketi/problem.ts';
import { sh } from '../sh.ts';
import { onHeketi, serverOf } from './heketi-node.ts';
import type { Invocation } from './invocation.ts';
import { withSession } from './session.ts';

/** heketi-cli's own words go through as they are; `topology load` and `node add` end with 0 although something was not done. */
export const run = (invocation: Invocation, words: string[]): Promise<number> =>
  withSession(invocation, [], async (session) => {
    const server = serverOf(session.cluster);
    const { stdout, stderr, code } = await onHeketi(session, server, sh`heketi-cli ${words}`);
    const { output } = invocation;
    if (stdout !== '') output.out(stdout.replace(/\n$/, ''));
    if (code === 0 && !/Unable to /.test(stdout)) {
      if (stderr !== '') output.err(stderr.replace(/\n$/, ''));
      return EXIT.ok;
    }
    const meant = explain(`${stderr}\n${stdout}`);
    const why = [stderr.trim(), meant?.cause].filter(Boolean).join('\n');
    throw new GlusterctlError(EXIT.failed, {
      node: server.node,
      what: `heketi-cli ${words.slice(0, 2).join(' ')} failed`,
      ...(why !== '' && { why }),
      next: meant?.remedy ?? `journalctl -u heketi on ${server.node} has the whole story`,
    });
  });
