import type { Draft, Fail } from '../draft.ts';
import { FIRST_BRICK_PORT } from '../schema/gluster.ts';

type PerFormat = string | { deb?: string | undefined; rpm?: string | undefined } | undefined;

const has = (value: PerFormat, format: 'deb' | 'rpm'): boolean => typeof value === 'string' || value?.[format] !== undefined;
const FORMATS = ['deb', 'rpm'] as const;

/** Every brick takes a port of its own, and keeps it while it runs. */
const checkPorts = ({ volumes }: Draft, maxPort: number, fail: Fail): void => {
  const bricks = volumes.flatMap((volume) => volume?.bricks ?? []).filter((brick) => brick !== null);
  const nodes = bricks.map((brick) => brick.slice(0, brick.indexOf(':')));
  const most = Math.max(0, ...nodes.map((node) => nodes.filter((other) => other === node).length));
  const ports = maxPort - FIRST_BRICK_PORT + 1;
  if (most > ports)
    fail(['gluster', 'maxPort'], `leaves ${ports} ports for bricks, and a node has ${most}`, {
      found: String(maxPort),
      suggestion: `at least ${FIRST_BRICK_PORT + 2 * most}: snapshots and replaced bricks need ports too`,
    });
};

/** The repository and the key that signs it. */
export const checkGluster = (draft: Draft, fail: Fail): void => {
  const { gluster } = draft;
  if (gluster === null) return;
  if (gluster.maxPort !== undefined) checkPorts(draft, gluster.maxPort, fail);
  const { source, mirror, key, fingerprint } = gluster;
  const is = `gluster.source is ${source}`;

  if (source === 'mirror') {
    for (const [name, value] of Object.entries({ mirror, key, fingerprint })) {
      if (value === undefined) {
        fail(['gluster', name], `${name} is missing: ${is}`, {
          suggestion: 'a mirror needs mirror (its URL), key (a file or URL) and fingerprint',
        });
      }
    }
    for (const format of FORMATS) {
      for (const [name, value] of Object.entries({ key, fingerprint })) {
        if (value !== undefined && has(mirror, format) && !has(value, format))
          fail(['gluster', name], `has no entry for ${format}, and mirror has one`);
      }
    }
  }

  if (source === 'distro') return;
  if (key === undefined) return;
  if (fingerprint === undefined && source !== 'mirror') {
    fail(['gluster', 'key'], 'a key is given without its fingerprint', {
      at: 'key',
      suggestion: 'add fingerprint: what the publisher names, compared with `gpg --show-keys --with-fingerprint FILE`',
    });
  } else if (fingerprint !== undefined && mirror === undefined) {
    const bare = FORMATS.filter((format) => has(key, format) && !has(fingerprint, format));
    for (const format of bare) fail(['gluster', 'fingerprint'], `has no entry for ${format}, and key has one`);
  }
};

/** What is in the file but waits for another source: said in every plan, so that nobody believes it works. */
export const unusedBySource = ({ source, mirror, key, fingerprint }: NonNullable<Draft['gluster']>): string[] => {
  const idle = source === 'distro' ? { mirror, key, fingerprint } : source === 'mirror' ? {} : { mirror };
  return Object.entries(idle)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `gluster.${name} is not used: gluster.source is ${source}`);
};

/** The signature of the rescue image. */
export const checkGrml = ({ grml }: Draft, fail: Fail): void => {
  if (grml === null) return;
  const { signature, key, fingerprint } = grml;
  if (signature !== undefined && (key === undefined || fingerprint === undefined)) {
    fail(['grml', 'signature'], 'a signature is given without the key that made it', {
      at: 'key',
      suggestion: 'add key (a file) and fingerprint',
    });
  }
  if (signature !== undefined) return;
  for (const [name, value] of Object.entries({ key, fingerprint })) {
    if (value !== undefined)
      fail(['grml', name], 'has no use without a signature', { at: 'key', suggestion: 'add signature (a file), or leave it out' });
  }
};
