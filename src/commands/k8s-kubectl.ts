import { ConnectError, EXIT, GlusterctlError } from '../errors.ts';
import { serverMinor } from '../k8s/release.ts';
import { programs } from '../transport/zx.ts';

const TIMEOUT = '--request-timeout=30s';

/** kubectl's own words, without its log lines and repetitions. */
const said = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/^[EWI]\d{4} /.test(line));
  return [...new Set(lines)].slice(-5).join('\n');
};

const UNREACHED =
  /was refused|Unable to connect|couldn't get current server|no such host|i\/o timeout|deadline exceeded|Unauthorized|must be logged in|no configuration|context .* does not exist/i;

/** The operator's own kubectl, in its current context. Throws ConnectError when it is not there or reaches no cluster. */
export const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
  const $ = await programs();
  const { stdout, stderr, exitCode } = await $({ input: input ?? '' })`kubectl ${args}`;
  if (exitCode === 0) return stdout;
  const command = `kubectl ${args.filter((arg) => arg !== TIMEOUT).join(' ')}`;
  if (exitCode === 127)
    throw new ConnectError({ what: 'kubectl is not installed', next: 'install kubectl here, or leave out what needs the cluster' });
  const why = said(stderr);
  if (UNREACHED.test(why))
    throw new ConnectError({
      what: `${command} did not reach the cluster`,
      why,
      next: 'kubectl config current-context shows which cluster is asked',
    });
  throw new GlusterctlError(EXIT.failed, { what: `${command} failed`, why });
};

/** What a cluster answers, parsed. */
export const kubectlJson = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse(await kubectl([...args, TIMEOUT, '-o', 'json']));

/** The minor number of the release that the cluster runs. */
export const askMinor = async (): Promise<number> => {
  const text = await kubectl(['version', TIMEOUT, '-o', 'json']);
  const minor = serverMinor(text);
  if (minor === null) throw new ConnectError({ what: 'kubectl does not tell the release of the cluster', next: 'give --version' });
  return minor;
};
