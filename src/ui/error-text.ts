import { type GlusterctlError, Refused, type Report } from '../errors.ts';

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

/** What failed on which node; why; what to do next. */
export const reportText = ({ node, what, why, next }: Report): string =>
  [node === undefined ? what : `${node}: ${what}`, why && indent(why), next && `  next: ${next}`].filter(Boolean).join('\n');

export const reportsOf = (error: GlusterctlError): readonly Report[] => (error instanceof Refused ? error.reasons : [error.report]);

/** The whole text of an error. Reasons that several share in what they say next say it once each. */
export const errorText = (error: GlusterctlError): string =>
  reportsOf(error)
    .map((report) => `error: ${reportText(report)}`)
    .join('\n');
