import { userInfo } from 'node:os';
import { ConnectError } from '../errors.ts';
import type { Link } from './link.ts';
import { runProgram } from './process.ts';

/** This machine (`address: local`): no SSH, the same scripts. */
export const localLink = (): Link => ({
  async open() {
    const root = process.getuid?.() === 0;
    return { root, user: root ? 'root' : userInfo().username };
  },
  async exec({ words, ...rest }) {
    const { code, failed } = await runProgram(words, rest);
    if (failed !== null && code === 128) throw new ConnectError({ what: 'cannot start a shell on this machine', why: failed });
    return code;
  },
  async close() {},
});
