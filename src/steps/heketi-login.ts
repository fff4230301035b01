import { z } from 'zod';
import { type Authorized, authorized, heketiPlaces } from '../facts/heketi.ts';
import { KEY } from '../heketi/paths.ts';
import type { PoolChange } from '../model/change.ts';
import type { Node } from '../model/cluster.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { Secret, type Sh, sh } from '../sh.ts';
import { isAddress } from './firewall/wish.ts';
import { markOf } from './heketi-key.ts';

const Want = z.strictObject({
  host: z.string().describe('Where Heketi runs, and its key is'),
  servers: z.array(z.string()).describe('Where it has to log in'),
  user: z.string(),
  mark: z.string().describe('How its line in authorized_keys ends'),
  from: z.array(z.string()).describe('Addresses that Heketi comes from'),
});
type Want = z.infer<typeof Want>;

/** Servers that Heketi is given disks of. */
export const giversOf = (nodes: readonly Node[]): Node[] =>
  nodes.filter(({ roles, disks }) => roles.includes('server') && disks.some(({ use }) => use === 'heketi'));

/** The key may be used from Heketi's node only, and for commands only. */
const lineOf = ({ from, mark }: Want, key: string): string => {
  const [type = '', body = ''] = key.split(' ');
  const limits = [
    ...(from.length === 0 ? [] : [`from="${from.join(',')}"`]),
    'no-agent-forwarding',
    'no-port-forwarding',
    'no-X11-forwarding',
  ];
  return `${limits.join(',')} ${type} ${body} ${mark}`;
};

const withFile = (user: string, body: Sh): Sh => sh`
  set -eu
  home=$(getent passwd ${user} | cut -d: -f6)
  [ -n "$home" ] || { echo ${`there is no user ${user}, whom Heketi is to log in as (heketi.ssh.user)`} >&2; exit 1; }
  f=$home/.ssh/authorized_keys
  ${body}`;

const rest = (mark: string): Sh => sh`{ grep -v ${` ${mark}$`} "$f" 2>/dev/null || :; }`;

const allow = ({ user, mark }: Want, line: Secret): Sh =>
  withFile(
    user,
    sh`
    umask 077
    [ -d "$home/.ssh" ] || install -d -m 700 -o ${user} -g "$(id -g ${user})" "$home/.ssh"
    { ${rest(mark)}; printf '%s\n' ${line}; } >"$f.glusterctl"
    if [ -e "$f" ]; then chmod --reference="$f" "$f.glusterctl"; chown --reference="$f" "$f.glusterctl"
    else chown "$(id -u ${user}):$(id -g ${user})" "$f.glusterctl"; fi
    mv -fT -- "$f.glusterctl" "$f"
    ! command -v restorecon >/dev/null || restorecon -R -- "$home/.ssh"`,
  );

const forbid = ({ user, mark }: Want, was: Authorized): Sh =>
  withFile(
    user,
    sh`
    umask 077
    if [ -e "$f" ]; then
      ${rest(mark)} >"$f.glusterctl"
      ${was.line === null ? sh`:` : sh`printf '%s\n' ${was.line} >>"$f.glusterctl"`}
      chmod --reference="$f" "$f.glusterctl"
      chown --reference="$f" "$f.glusterctl"
      mv -fT -- "$f.glusterctl" "$f"
    fi
    ${was.file ? sh`:` : sh`[ -s "$f" ] || rm -f -- "$f"`}
    ${was.folder ? sh`:` : sh`[ ! -d "$home/.ssh" ] || rmdir --ignore-fail-on-non-empty -- "$home/.ssh"`}`,
  );

export const heketiLogin = definePoolStep({
  id: 'heketi-login',
  title: 'Let Heketi log in',
  about: "Adds Heketi's public key to authorized_keys on the servers that it is given disks of, usable from Heketi's node only.",
  want: Want,

  jobs: ({ name, nodes, heketi: { server } }) => {
    const host = nodes.find((node) => node.name === server?.node);
    if (server === undefined || host === undefined) return [];
    const servers = giversOf(nodes).map((node) => node.name);
    const from = isAddress(host.storage) ? [...new Set([host.storage, '127.0.0.1', '::1'])] : [];
    const want = { host: host.name, servers, user: server.ssh.user, mark: markOf(name), from };
    return [{ nodes: [...new Set([host.name, ...servers])], want }];
  },

  facts: ({ user, mark }: Want) => ({ places: heketiPlaces, authorized: authorized(user, mark) }),

  plan(want, is) {
    const { host, servers, user, mark } = want;
    const key = is[host]?.places.key ?? null;
    const line = key === null ? null : lineOf(want, key);
    return servers.flatMap((node): PoolChange[] => {
      const was = is[node]?.authorized;
      if (was === undefined) throw new CannotPlan({ what: `${node} was not asked` });
      if (line !== null && was.line === line) return [];
      return [
        {
          node,
          id: `login:${user}`,
          title: `let Heketi on ${host} log in as ${user}`,
          risk: 'safe',
          // The key is made in this very run, so that no plan can show it: what was agreed to is "the key in KEY".
          do: sh`
            # the public half of ${KEY} on ${host}
            ${allow(want, new Secret(line ?? ''))}`,
          undo: forbid(want, was),
          verify: withFile(user, sh`grep -q ${` ${mark}$`} "$f"`),
        },
      ];
    });
  },
});
