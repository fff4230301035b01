import { z } from 'zod';
import type { Cluster } from '../../model/cluster.ts';

/** Which repository a node takes GlusterFS from. */
export const PackageSource = z.strictObject({
  source: z.enum(['upstream', 'mirror', 'distro', 'ppa', 'centos-sig']).describe('As in cluster.yaml'),
  base: z.string().describe("Root of the tree that is laid out like upstream's; '' for other sources"),
  version: z.string().describe('A release, such as 10.3, or a series, such as 10'),
  key: z.strictObject({ text: z.string(), fingerprint: z.string() }).nullable().describe('The key that signs the repository'),
});
export type PackageSource = z.infer<typeof PackageSource>;

/** `upstream` is the root of upstream's own tree for this format of packages; '' where it has none. */
export const packageSource = ({ gluster, signingKeys }: Cluster, format: 'deb' | 'rpm', upstream: string): PackageSource => ({
  source: gluster.source,
  base: gluster.source === 'upstream' ? upstream : gluster.source === 'mirror' ? (gluster.mirror?.[format] ?? '').replace(/\/$/, '') : '',
  version: gluster.version,
  key: signingKeys?.[format] ?? null,
});
