import { sizeText } from '../init/bytes.ts';
import type { NamedHost } from '../init/names.ts';
import type { SeenNode } from '../init/seen.ts';
import type { Output } from './output.ts';
import { type Paint, paint } from './paint.ts';
import { table } from './table.ts';

const glusterText = ({ gluster }: SeenNode): string => {
  const { version, pool, volumes, glusterd2 } = gluster;
  if (glusterd2) return 'GlusterD2';
  if (version === null) return 'none';
  const peers = (pool?.peers.length ?? 0) > 1 ? `, pool of ${pool?.peers.length}` : '';
  return `${version}${peers}${volumes.length > 0 ? `, volumes ${volumes.map(({ name }) => name).join(' ')}` : ''}`;
};

const diskLines = (name: string, { disks }: SeenNode, p: Paint): string[] =>
  disks.map(({ path, size, model, serial, reasons }) => {
    const what = [sizeText(size), model, serial && `serial ${serial}`].filter(Boolean).join(', ');
    return `  ${name} ${path}  ${what}  ${reasons.length === 0 ? p.good('usable: blank') : p.dim(`not usable: ${reasons.join('; ')}`)}`;
  });

const folderLines = (name: string, { folders }: SeenNode): string[] =>
  folders.map(({ path, fstype, size, free }) => `  ${name} ${path}  ${fstype}, ${sizeText(free)} of ${sizeText(size)} free`);

/** Columns where they fit, else a block for each host. */
const systems = (rows: readonly (readonly string[])[], width: number): string => {
  const head = ['HOST', 'SYSTEM', 'CPUS', 'MEMORY', 'GLUSTER'];
  const text = table(head, rows);
  if (text.split('\n').every((line) => line.length <= width)) return text;
  return rows
    .map(([name = '', ...rest]) => [name, ...rest.map((cell, i) => `  ${head[i + 1]?.toLowerCase()}: ${cell}`)].join('\n'))
    .join('\n');
};

/** What was found on the hosts: systems, disks with what stands against each, filesystems, Gluster. */
export const seenText = (hosts: readonly NamedHost[], output: Output): string => {
  const p = paint(output.colorErr);
  const found = hosts.flatMap(({ name, seen }) => (seen ? [{ name, seen }] : []));
  const rows = found.map(({ name, seen }) => [
    name,
    `${seen.os.pretty} (${seen.os.arch})`,
    `${seen.cpus}`,
    sizeText(seen.memory),
    glusterText(seen),
  ]);
  const disks = found.flatMap(({ name, seen }) => diskLines(name, seen, p));
  const folders = found.flatMap(({ name, seen }) => folderLines(name, seen));
  return [
    systems(rows, output.width),
    ...(disks.length > 0 ? [`Disks\n${disks.join('\n')}`] : ['No disks were found.']),
    ...(folders.length > 0 ? [`Filesystems beside the root\n${folders.join('\n')}`] : []),
  ].join('\n\n');
};
