import type { Health } from '../gluster/health.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in the largest binary unit that keeps one digit before the point. */
export const bytes = (n: number): string => {
  const power = n < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(n) / 10));
  return `${(n / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
};

const brickRows = (health: Health): string[][] =>
  health.volumes.flatMap((volume) =>
    volume.state.bricks.map((b) => {
      const free = b.space?.free;
      return [
        `${b.host}:${b.path}${b.arbiter ? ' (arbiter)' : ''}`,
        b.online ? 'up' : 'DOWN',
        b.port === null ? '-' : `${b.port}`,
        free ? bytes(free) : '-',
      ];
    }),
  );

/** Nodes, volumes, bricks, and at the end what is not well. */
export const statusText = (cluster: string, health: Health, p: Paint): string => {
  const nodes = health.peers.map((peer) => [
    peer.node,
    peer.reachable ? 'yes' : 'NO',
    peer.glusterd ? 'yes' : 'NO',
    `${peer.connectedTo.length} of ${health.peers.length - 1}`,
  ]);
  const volumes = health.volumes.map((v) => [v.name, v.type, v.status, v.healEntries === null ? '-' : `${v.healEntries}`]);
  const parts = [table(['NODE', 'REACHABLE', 'GLUSTERD', 'PEERS CONNECTED'], nodes)];
  if (volumes.length > 0)
    parts.push(table(['VOLUME', 'TYPE', 'STATUS', 'TO HEAL'], volumes), table(['BRICK', 'STATE', 'PORT', 'FREE'], brickRows(health)));
  const faults = health.faults.map((f) => `${p.bad(f.of)}: ${f.what}\n  next: ${f.next}`);
  return [...parts, ...faults, health.healthy ? p.good(`${cluster} is healthy`) : p.bad(`${cluster} is not healthy`)].join('\n\n');
};
