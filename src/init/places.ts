import type { BrickAnswer, InitAnswers } from './answers.ts';
import { sizeText } from './bytes.ts';
import type { BrickPlace, Server } from './layouts.ts';
import type { NamedHost } from './names.ts';
import type { SeenDisk } from './seen.ts';

/** A row of the question about bricks. */
export interface PlaceChoice {
  /** Stands for the answer; unique. */
  key: string;
  answer: BrickAnswer;
  title: string;
  /** Why it cannot be chosen; null when it can. */
  refused: string | null;
  /** Chosen unless somebody says otherwise: blank disks, or a filesystem of its own on every server. */
  safe: boolean;
}

const disksOf = (servers: readonly NamedHost[]): PlaceChoice[] =>
  servers.flatMap(({ name, seen }) =>
    (seen?.disks ?? []).map((disk): PlaceChoice => {
      const what = [disk.model, disk.serial && `serial ${disk.serial}`].filter(Boolean).join(', ');
      const usable = disk.reasons.length === 0;
      return {
        key: `disk:${name}:${disk.path}`,
        answer: { kind: 'disk', node: name, disk: disk.path },
        title: `${name} ${disk.path}  ${sizeText(disk.size)}${what ? `  ${what}` : ''}${usable ? '  blank' : ''}`,
        refused: usable ? null : disk.reasons.join('; '),
        safe: usable,
      };
    }),
  );

const folderTitle = (path: string, having: readonly NamedHost[], all: number): string => {
  const found = having.flatMap(({ seen }) => seen?.folders.find((f) => f.path === path) ?? []);
  const least = Math.min(...found.map(({ free }) => free));
  const on = having.length === all ? 'all servers' : having.map(({ name }) => name).join(', ');
  return `${on} ${path}  ${[...new Set(found.map(({ fstype }) => fstype))].join(', ')}, ${sizeText(least)} free, a folder in it`;
};

/** One row for a path, however many servers have it. */
const foldersOf = (servers: readonly NamedHost[], disks: boolean): PlaceChoice[] => {
  const paths = [...new Set(servers.flatMap(({ seen }) => seen?.folders.map(({ path }) => path) ?? []))].sort();
  return paths.map((path) => {
    const having = servers.filter(({ seen }) => seen?.folders.some((f) => f.path === path));
    return {
      key: `folder:${path}`,
      answer: { kind: 'folder', node: null, path },
      title: folderTitle(path, having, servers.length),
      refused: null,
      safe: !disks && having.length === servers.length,
    };
  });
};

export const ROOT_FOLDER = '/srv/glusterfs';

const rootOf = (servers: readonly NamedHost[]): PlaceChoice[] => {
  const free = servers.map(({ seen }) => seen?.rootFree ?? 0);
  return [
    {
      key: `root:${ROOT_FOLDER}`,
      answer: { kind: 'folder', node: null, path: ROOT_FOLDER, root: true },
      title: `all servers ${ROOT_FOLDER}  on the root filesystem, ${sizeText(Math.min(...free))} free: a full brick stops the host`,
      refused: null,
      safe: false,
    },
  ];
};

/** Disks first, then filesystems that are there, then the root filesystem. */
export const placeChoices = (servers: readonly NamedHost[]): PlaceChoice[] => {
  const found = disksOf(servers);
  const everywhere = servers.every(({ name }) => found.some(({ answer, safe }) => safe && answer.node === name));
  const usable = found.map((choice) => ({ ...choice, safe: choice.safe && everywhere }));
  return [...usable, ...foldersOf(servers, everywhere), ...rootOf(servers)];
};

const matches = (disk: SeenDisk, wanted: string): boolean => [disk.path, disk.serial, disk.wwn, disk.byPath].includes(wanted);

/** The disk that an answer means on a node; null when the node has none such or was not looked at. */
export const diskFor = ({ seen }: NamedHost, wanted: string): SeenDisk | null => seen?.disks.find((d) => matches(d, wanted)) ?? null;

const sizeOfFolder = ({ seen }: NamedHost, path: string, root: boolean): number | null => {
  if (seen === null) return null;
  if (root) return seen.rootFree;
  const on = seen.folders.filter((f) => path === f.path || path.startsWith(`${f.path}/`));
  return on.sort((a, b) => b.path.length - a.path.length)[0]?.free ?? null;
};

export interface ServerPlace extends BrickPlace {
  answer: BrickAnswer;
}

/** What the answers come to on one server. Disks are mounted at /data/brick1, /data/brick2 and so on, as far as nothing is mounted there. */
export const placesOn = (one: NamedHost, answers: readonly BrickAnswer[]): ServerPlace[] => {
  const taken = new Set(one.seen?.folders.map(({ path }) => path));
  let disks = 0;
  const nextMount = (): string => {
    do disks += 1;
    while (taken.has(`/data/brick${disks}`));
    return `/data/brick${disks}`;
  };
  return answers.flatMap((answer): ServerPlace[] => {
    if (answer.node !== null && answer.node !== one.name) return [];
    if (answer.kind === 'disk') return [{ answer, path: nextMount(), size: diskFor(one, answer.disk)?.size ?? null }];
    const has = answer.root === true || one.seen === null || answer.node !== null || sizeOfFolder(one, answer.path, false) !== null;
    return has ? [{ answer, path: answer.path, size: sizeOfFolder(one, answer.path, answer.root === true) }] : [];
  });
};

/** Servers with their zones and places, for the layout. */
export const serversFor = (hosts: readonly NamedHost[], answers: InitAnswers): Server[] =>
  hosts
    .filter(({ server }) => server)
    .map((one) => ({ name: one.name, zone: answers.zones?.[one.name] ?? one.name, places: placesOn(one, answers.bricks ?? []) }));
