import { quote } from '../sh.ts';
import { ownKnownHosts, type Target } from './target.ts';

const option = (name: string, value: string): string[] => ['-o', `${name}=${value}`];

/** A path in an option: blanks would separate, % begins a token, and a backslash escapes quotes and itself only (OpenSSH 8.7, argv_split). */
const path = (file: string): string => `"${file.replaceAll('%', '%%').replaceAll(/"|\\(?=["'\\]|$)/g, '\\$&')}"`;

export interface ArgsOptions {
  stateDir: string;
  /** Seconds. */
  timeout: number;
  /** Let ssh ask (by SSH_ASKPASS) for passwords and passphrases. */
  asks: boolean;
}

/** The same rules for the node and for every jump host on the way. */
const common = (target: Target, { stateDir, timeout, asks }: ArgsOptions): string[] => [
  '-T',
  ...option('BatchMode', asks ? 'no' : 'yes'),
  ...option('ConnectTimeout', String(timeout)),
  ...option('ServerAliveInterval', '15'),
  ...option('ServerAliveCountMax', '4'),
  ...option('StrictHostKeyChecking', target.hostKeys === 'strict' ? 'yes' : 'accept-new'),
  // glusterctl's own file stands first: ssh writes to the first only.
  ...option('UserKnownHostsFile', [ownKnownHosts(stateDir), ...target.knownHosts].map(path).join(' ')),
  ...option('GlobalKnownHostsFile', '/dev/null'),
  ...option('UpdateHostKeys', 'no'),
  ...option('ClearAllForwardings', 'yes'),
  ...option('ForwardAgent', 'no'),
  ...option('ForwardX11', 'no'),
  ...option('PermitLocalCommand', 'no'),
  ...option('RemoteCommand', 'none'),
  ...option('RequestTTY', 'no'),
  ...option('LogLevel', 'ERROR'),
  ...(target.identity.explicit === null ? [] : option('IdentityFile', path(target.identity.explicit))),
  ...(target.identity.explicit !== null && target.identity.only ? option('IdentitiesOnly', 'yes') : []),
  ...(target.asked.user === null ? [] : ['-l', target.asked.user]),
  ...(target.asked.port === null ? [] : ['-p', String(target.asked.port)]),
];

/** Each % doubled but those that ssh is to fill in itself. */
const literal = (word: string): string => quote(word.replaceAll('%', '%%'));

/** A jump host as a ProxyCommand and not as -J, which would not pass on how host keys are to be judged. */
const proxyCommand = (hop: Target, options: ArgsOptions): string => {
  const via = hop.via === null ? [] : option('ProxyCommand', proxyCommand(hop.via, options));
  const own = [...common(hop, options), ...via, ...option('ControlMaster', 'no'), ...option('ControlPath', 'none')];
  return ['ssh', ...own.map(literal), '-W', "'[%h]:%p'", '--', literal(hop.asked.host)].join(' ');
};

/** `control`: path of the socket that all commands of a node share. `hopLog`: takes what the jump hosts' ssh says, which ssh itself would drop. */
export const sshArgs = (target: Target, control: string, hopLog: string, options: ArgsOptions): string[] => [
  ...common(target, options),
  ...(target.via === null ? [] : option('ProxyCommand', `${proxyCommand(target.via, options)} 2>>${literal(hopLog)}`)),
  ...option('ControlMaster', 'auto'),
  ...option('ControlPersist', '60'),
  ...option('ControlPath', control.replaceAll('%', '%%')),
];
