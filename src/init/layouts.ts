import { type LayoutServer, placeBricks } from '../config/layout.ts';
import type { Allow, Brick, Volume } from '../model/cluster.ts';
import { sizeText } from './bytes.ts';

/** How a volume keeps its data. */
export interface LayoutWish {
  type: Volume['type'];
  setSize: number;
  redundancy: number;
  allow: readonly Allow[];
}

export interface LayoutOffer extends LayoutWish {
  /** As flags say it. */
  flags: string;
  title: string;
  /** Bytes that files may take; null where the size of a brick is not known. */
  usable: number | null;
  mayFail: string;
  /** A risk that only a person may take: never chosen where nobody is there. */
  risk: string | null;
}

/** A brick to be: where it is mounted, and how large it is (null: not known). */
export interface BrickPlace {
  path: string;
  size: number | null;
}

export interface Server {
  name: string;
  zone: string;
  places: readonly BrickPlace[];
}

export const layoutText = ({ type, setSize, redundancy }: LayoutWish): string => {
  if (type === 'distribute') return 'distribute';
  return type === 'disperse' ? `disperse ${setSize - redundancy}+${redundancy}` : `${type} ${setSize}`;
};

const serversOf = (servers: readonly Server[]): LayoutServer[] =>
  servers.map(({ name, zone, places }) => ({ name, zone, mounts: places.map(({ path }) => path) }));

/** Where the bricks go; null when there is no room for one set. */
export const placesFor = (servers: readonly Server[], wish: LayoutWish): readonly Brick[] | null => {
  const placed = placeBricks({ name: '', type: wish.type, setSize: wish.setSize, allow: [...wish.allow] }, serversOf(servers));
  return 'why' in placed ? null : placed.bricks.map(({ node, path }) => ({ node, path: path.replace(/\/$/, '') }));
};

/** An arbiter brick holds names only, so it does not count; else the smallest brick of a set sets the size. */
const usableOf = (servers: readonly Server[], wish: LayoutWish, bricks: readonly Brick[]): number | null => {
  const size = new Map(servers.flatMap(({ name, places }) => places.map((p) => [`${name}:${p.path}`, p.size] as const)));
  let sum = 0;
  for (let i = 0; i < bricks.length; i += wish.setSize) {
    const set = bricks.slice(i, i + wish.setSize);
    const carrying = wish.type === 'arbiter' ? set.slice(0, -1) : set;
    const sizes = carrying.map(({ node, path }) => size.get(`${node}:${path}`) ?? null);
    if (sizes.includes(null)) return null;
    const copies = wish.type === 'disperse' ? wish.setSize - wish.redundancy : 1;
    sum += Math.min(...(sizes as number[])) * copies;
  }
  return sum;
};

/** [data, redundancy] that gluster finds optimal: data is a power of two. */
const DISPERSE = [
  [8, 4],
  [8, 3],
  [4, 2],
  [2, 1],
] as const;

const replicated = (type: 'replicate' | 'arbiter', servers: readonly Server[]): LayoutWish[] =>
  servers.length >= 3 ? [{ type, setSize: 3, redundancy: 0, allow: [] }] : [];

const wishes = (servers: readonly Server[]): LayoutWish[] => {
  const disperse = DISPERSE.find(([data, redundancy]) => data + redundancy <= servers.length);
  return [
    ...replicated('replicate', servers),
    ...replicated('arbiter', servers),
    ...(disperse ? [{ type: 'disperse' as const, setSize: disperse[0] + disperse[1], redundancy: disperse[1], allow: [] }] : []),
    ...(servers.length === 2 ? [{ type: 'replicate' as const, setSize: 2, redundancy: 0, allow: ['replica-2' as const] }] : []),
    { type: 'distribute', setSize: 1, redundancy: 0, allow: [] },
  ];
};

const TITLES: Readonly<Record<LayoutWish['type'], string>> = {
  replicate: 'copies',
  arbiter: 'two copies and a witness that holds names only',
  disperse: 'erasure coded',
  distribute: 'no copies: each file is on one brick',
};

const mayFailOf = ({ type, setSize, redundancy }: LayoutWish): string => {
  if (type === 'distribute') return 'nothing may fail';
  if (type === 'disperse') return `${redundancy} of ${setSize} may fail`;
  return setSize === 2 ? 'one may fail, but the two may come to differ (split-brain)' : `1 of ${setSize} may fail`;
};

const flagsOf = ({ type, setSize, redundancy }: LayoutWish): string => {
  if (type === 'disperse') return `--type disperse --replica ${setSize - redundancy}+${redundancy}`;
  return type === 'replicate' ? `--type replicate --replica ${setSize}` : `--type ${type}`;
};

const riskOf = ({ type, setSize }: LayoutWish, servers: readonly Server[]): string | null => {
  if (type === 'replicate' && setSize === 2) return 'two copies without a witness are prone to split-brain';
  return type === 'distribute' && servers.length > 1 ? 'with one server the files on it are gone' : null;
};

/** What a wish comes to on these servers. */
export const judgeLayout = (servers: readonly Server[], wish: LayoutWish): LayoutOffer | null => {
  const bricks = placesFor(servers, wish);
  if (bricks === null) return null;
  const usable = usableOf(servers, wish, bricks);
  const copies = wish.type === 'replicate' ? `${wish.setSize} ${TITLES.replicate}` : TITLES[wish.type];
  const title = `${layoutText(wish)}: ${copies}; ${usable === null ? '' : `${sizeText(usable)} usable, `}${mayFailOf(wish)}`;
  return { ...wish, flags: flagsOf(wish), title, usable, mayFail: mayFailOf(wish), risk: riskOf(wish, servers) };
};

/** Layouts that fit these servers; the first is the one to take. */
export const layoutOffers = (servers: readonly Server[]): LayoutOffer[] =>
  wishes(servers.filter(({ places }) => places.length > 0)).flatMap((wish) => judgeLayout(servers, wish) ?? []);
