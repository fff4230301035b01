import { cannotHold } from '../../container/places.ts';
import type { Draft, Fail } from '../draft.ts';
import type { Path } from '../problem.ts';

/** What a container of glusterd needs to know, and where its bricks may lie. */
export const checkContainer = ({ gluster, nodes, volumes }: Draft, fail: Fail): void => {
  if (gluster === null) return;
  const { use, image, engine } = gluster;
  if (use === 'packages') {
    for (const [name, value] of Object.entries({ image, engine })) {
      if (value !== undefined)
        fail(['gluster', name], 'has no use with use: packages', { at: 'key', suggestion: 'add use: container, or leave it out' });
    }
    return;
  }
  if (image === undefined)
    fail(['gluster', 'image'], 'image is missing: gluster.use is container', {
      suggestion: 'the image that has glusterd, with its registry',
    });
  const place = (path: Path, at: string): void => {
    const folder = cannotHold(at);
    if (folder !== null)
      fail(path, `${folder} is the image's own in a container, so that no brick can lie below it`, {
        found: at,
        suggestion: 'a folder of its own, such as /data',
      });
  };
  nodes.forEach((node, n) => {
    node?.disks.forEach((disk, d) => {
      if (disk?.mount !== undefined) place(['nodes', n, 'disks', d, 'mount'], disk.mount);
    });
  });
  volumes.forEach((volume, v) => {
    volume?.bricks?.forEach((brick, b) => {
      if (brick !== null) place(['volumes', v, 'bricks', b], brick.slice(brick.indexOf(':') + 1));
    });
  });
};

/** Said in every plan. */
export const aboutContainer = ({ use, image }: Pick<NonNullable<Draft['gluster']>, 'use' | 'image'>): string[] =>
  use === 'container' && image !== undefined && !image.includes('@')
    ? ['gluster.image has no digest: what its tag means may change, so that nodes may get different images; @sha256:... pins it']
    : [];
