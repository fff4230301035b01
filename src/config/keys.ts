import type { Cluster } from '../model/cluster.ts';
import { type KeyOptions, type SigningKey, signingKey } from './key.ts';

/** The keys that sign the cluster's repositories, by package format; null where the source brings none for it. */
export interface SigningKeys {
  deb: SigningKey | null;
  rpm: SigningKey | null;
}

/** One after the other: with upstream both are the same key, and the second comes out of the first's cache. */
export const signingKeys = async (cluster: Pick<Cluster, 'gluster'>, options: KeyOptions): Promise<SigningKeys> => ({
  deb: await signingKey(cluster, 'deb', options),
  rpm: await signingKey(cluster, 'rpm', options),
});
