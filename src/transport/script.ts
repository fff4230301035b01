import { Readable } from 'node:stream';
import { sh } from '../sh.ts';

/** What a shell is started with, and its stdin behind what sudo reads of it. `mark` tells on both streams that it has started. */
export interface Job {
  mark: string;
  words: readonly string[];
  input(head: string): string | Readable;
}

/**
 * What is sent to `sh -s`. The mark on both streams tells that a shell has started, and where what login shells,
 * sudo and banners say ends. The braces make the shell read all of the script before it runs any of it, so a
 * connection that breaks on the way runs nothing; and they leave the rest of stdin to nobody.
 */
export const wrapped = (script: string, mark: string): string => `printf '%s\\n' ${mark}
printf '%s\\n' ${mark} >&2
export LC_ALL=C
{ :
${script}
} </dev/null
`;

/** `null`: nothing but a shell that starts. */
export const scriptJob = (script: string | null, mark: string): Job => ({
  mark,
  words: ['sh', '-s'],
  input: (head) => head + (script === null ? '' : wrapped(script, mark)),
});

/**
 * A shell that reads its script from stdin reads ahead, and would take bytes that follow for itself: so the script that receives
 * them is a file, put there by `make`; it removes itself.
 */
export const appendJob = (path: string, bytes: AsyncIterable<Uint8Array>, mark: string): { make: string; job: Job } => {
  const file = `/run/glusterctl.receive.${mark}`;
  const receive = sh`
    rm -f -- ${file}
    printf '%s\n' ${mark}
    printf '%s\n' ${mark} >&2
    exec cat >>${path}`;
  const all = async function* (head: string) {
    if (head !== '') yield Buffer.from(head);
    yield* bytes;
  };
  return {
    make: sh`umask 077; printf '%s\n' ${receive.text} >${file}`.text,
    job: { mark, words: ['sh', file], input: (head) => Readable.from(all(head), { objectMode: false }) },
  };
};
