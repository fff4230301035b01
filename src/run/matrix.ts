import type { Path } from '../checks/check.ts';
import { GlusterctlError } from '../errors.ts';
import { type Reach, reachable, type Target, targetKey } from '../facts/ports.ts';
import type { Host } from '../model/host.ts';
import { sh } from '../sh.ts';
import { askAll } from './ask.ts';
import { anySignal } from './context.ts';

/** Seconds that a listener lives at most; it ends before with its connection. */
const LIFE = 60;

/** The kernel takes the connections by itself: nobody has to accept them. Prints each port that it has. */
const PERL = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6 SOL_SOCKET SO_REUSEADDR);
$| = 1;
my ($life, $ip, @ports) = @ARGV;
my $family = $ip =~ /:/ ? AF_INET6 : AF_INET;
for my $port (@ports) {
  socket(my $s, $family, SOCK_STREAM, 0) or next;
  setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
  my $at = inet_pton($family, $ip);
  bind($s, $family == AF_INET ? pack_sockaddr_in($port, $at) : pack_sockaddr_in6($port, $at)) or next;
  listen($s, 128) or next;
  push @kept, $s;
  print "listening $port\n";
}
print "ready\n";
for (1 .. $life) { sleep 1; print "\n" or exit }
`;

const PYTHON = `
import socket, sys, time
life, ip, ports = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
kept = []
for port in ports:
    s = socket.socket(socket.AF_INET6 if ':' in ip else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind((ip, int(port)))
        s.listen(128)
    except (OSError, socket.error):
        continue
    kept.append(s)
    print('listening ' + port)
print('ready')
sys.stdout.flush()
for i in range(life):
    time.sleep(1)
    print('')
    sys.stdout.flush()
`;

/** With what the node has: nothing is installed and nothing is written. Says only `ready` where it has neither. */
const listenScript = (address: string, ports: readonly number[]): string =>
  sh`
    a=${address}
    case $a in *[!0-9.]*) case $a in *:*) ;; *) a=$(getent ahosts "$a" | sed -n '1s/ .*//p') ;; esac ;; esac
    if command -v perl >/dev/null && perl -MSocket=inet_pton -e 1 2>/dev/null; then exec perl -e ${PERL} ${LIFE} "$a" ${ports}; fi
    for p in python3 /usr/libexec/platform-python python; do
      if command -v "$p" >/dev/null; then exec "$p" -c ${PYTHON} ${LIFE} "$a" ${ports}; fi
    done
    echo ready`.text;

interface Listener {
  ports: ReadonlySet<number>;
  close(): void;
}

/** Resolves when the node listens, or cannot. */
const listen = (host: Host, address: string, ports: readonly number[], signal: AbortSignal | undefined): Promise<Listener> =>
  new Promise((resolve) => {
    const open = new Set<number>();
    const cut = new AbortController();
    const ready = (): void => resolve({ ports: open, close: () => cut.abort() });
    const onLine = (line: string): void => {
      const [, port] = /^listening (\d+)$/.exec(line) ?? [];
      if (port !== undefined) open.add(Number(port));
      if (line === 'ready') ready();
    };
    const stop = signal ? anySignal(cut.signal, signal) : cut.signal;
    host.run(listenScript(address, ports), { signal: stop, timeout: (LIFE + 10) * 1000, onLine }).then(ready, ready);
  });

/** A node whose ports are tried. */
export interface Door {
  name: string;
  /** Where the others go: an IP address or a name. */
  address: string;
  /** Ports of bricks to try; the first and the last that nothing listens on. */
  brickPorts: readonly number[];
  /** glusterd's port has a listener. */
  glusterd: boolean;
}

const GLUSTERD = 24007;

/** Connects every node to every door but its own, and to `servers`, for real. */
export const tryPaths = async (
  hosts: ReadonlyMap<string, Host>,
  doors: readonly Door[],
  servers: ReadonlyMap<string, readonly Target[]>,
  concurrency: number,
  signal?: AbortSignal,
): Promise<Path[]> => {
  const from = [...hosts.keys()];
  const needed = doors.filter((door) => from.some((name) => name !== door.name) && door.brickPorts.length > 0);
  const listeners = new Map<string, Listener>();
  await Promise.all(
    needed.map(async ({ name, address, brickPorts }) => {
      const host = hosts.get(name);
      if (host) listeners.set(name, await listen(host, address, brickPorts, signal));
    }),
  );
  try {
    const planned = from.flatMap((name) => [
      ...doors
        .filter((door) => door.name !== name)
        .flatMap((door): Omit<Path, 'reach'>[] => [
          { from: name, to: door.name, address: door.address, port: GLUSTERD, what: 'glusterd', listener: door.glusterd },
          ...door.brickPorts.map((port) => ({
            from: name,
            to: door.name,
            address: door.address,
            port,
            what: 'bricks' as const,
            listener: listeners.get(door.name)?.ports.has(port) === true,
          })),
        ]),
      ...(servers.get(name) ?? []).map(({ host, port }) => ({
        from: name,
        to: host,
        address: host,
        port,
        what: 'packages' as const,
        listener: true,
      })),
    ]);
    const questions = new Map(
      from.flatMap((name) => {
        const targets = planned.filter((path) => path.from === name).map(({ address, port }) => ({ host: address, port }));
        return targets.length === 0 ? [] : [[name, [reachable(targets)]] as const];
      }),
    );
    const { answers } = await askAll(hosts, questions, concurrency, { signal, partial: true });
    return planned.map((path) => {
      const [fact] = questions.get(path.from) ?? [];
      const out = fact && answers.get(path.from)?.get(fact.id);
      const reach: Reach = (fact && out && fact.parse(out).get(targetKey({ host: path.address, port: path.port }))) ?? 'unknown';
      return { ...path, reach };
    });
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    return [];
  } finally {
    for (const listener of listeners.values()) listener.close();
  }
};
