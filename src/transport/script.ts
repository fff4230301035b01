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
