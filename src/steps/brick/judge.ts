import type { Report } from '../../errors.ts';
import { type BrickState, ownMark } from './state.ts';

/**
 * What a failed `volume create` leaves, and nothing else does: the volume's mark, an empty .glusterfs, no gfid
 * (glusterfs 10.3). A directory that glusterctl took when it was empty may also hold what a volume without a
 * single file leaves. Where marks cannot be read, an empty .glusterfs is taken for it; the script looks again.
 */
export const isRemains = (path: string, state: BrickState): boolean => {
  if (state.kind !== 'directory' || state.member !== null) return false;
  const mark = ownMark(path, state);
  if (state.taken) return state.content !== 'data' && (mark !== null || state.trace || state.content === 'metadata');
  if (state.marks === null) return state.content === 'empty' && state.trace;
  return state.content === 'empty' && mark !== null && mark.volumeId !== null && mark.gfid === null;
};

const clearing = (path: string): string =>
  `setfattr -x trusted.glusterfs.volume-id ${path}; setfattr -x trusted.gfid ${path}; rm -rf ${path}/.glusterfs`;

/** What is in a directory that is not empty, in words. */
const inside = (state: BrickState): string =>
  state.sample.length > 0
    ? `it holds ${state.sample.slice(0, 3).join(', ')}${state.sample.length > 3 ? ' and more' : ''}`
    : "it holds Gluster's metadata";

/** Why the directory, as it stands, is not to be made a brick of `volume`; []: nothing speaks against it. */
export const faultsOf = (path: string, volume: string, state: BrickState): Report[] => {
  if (state.volume !== null && state.volume !== volume) {
    return [
      { check: 'brick-taken', what: `${path} is a brick of the volume ${state.volume}`, next: `choose another directory for ${volume}` },
    ];
  }
  if (state.volume !== null && state.member !== null) return [];
  if (state.kind === 'other') {
    return [
      { check: 'brick-place', what: `${path} is there and is not a directory`, next: 'choose another path, or remove what is there' },
    ];
  }
  if (state.member !== null) {
    return [
      {
        check: 'brick-lost',
        what: `${path} should be a brick of the volume ${state.member}, which exists, and is not`,
        why: state.kind === 'none' ? 'the directory is not there' : 'the directory does not carry the mark of that volume',
        next: 'mount the right filesystem there. If the host was set up anew: glusterctl node replace; if only the disk was replaced: gluster volume reset-brick; never make or mark the directory by hand',
      },
    ];
  }
  const above = state.marks?.find((mark) => mark.path !== path);
  if (above) {
    return [
      {
        check: 'brick-marked',
        what: `${above.path}, above the brick ${path}, is itself marked as a brick`,
        why: above.volumeId === null ? 'it carries a gfid of Gluster' : `it carries the id ${above.volumeId} of a volume`,
        next: `choose a path outside of it. If no volume has it any more and you need nothing in it: ${clearing(above.path)}`,
      },
    ];
  }
  const mark = ownMark(path, state);
  if (isRemains(path, state) || (state.content !== 'data' && state.content !== 'metadata' && mark === null)) return [];
  const id = mark?.volumeId ?? null;
  return [
    {
      check: 'brick-data',
      what:
        id === null
          ? `${path} is not empty`
          : state.volume !== null
            ? `${path} was a brick of the volume ${volume} before, and is none now`
            : `${path} is a brick of the volume with the id ${id}, which this node does not know`,
      why:
        (id === null && mark === null) || state.volume !== null
          ? inside(state)
          : `${inside(state)}; the volume was deleted, or belongs to another pool`,
      next:
        id === null && state.sample.length > 0
          ? 'choose another directory, or move away what is in it; it is never overwritten'
          : `choose another directory; it is never overwritten. If you need nothing of it: look into it, empty it, and ${clearing(path)}`,
    },
  ];
};
