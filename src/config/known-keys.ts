import type { Gluster } from '../model/cluster.ts';

/**
 * Fingerprints of the keys that sign upstream's releases, by series.
 * Source: voxpupuli/puppet-gluster manifests/repo/apt.pp; the one of 5 to 11 also in gluster/glusterfs#4664.
 */
const UPSTREAM: Readonly<Record<string, string>> = {
  '3.9': '849512C2CA648EF425048F55C883F50CB2289A17',
  '3.10': 'C784DD0FD61E38B8B1F65E10DAD761554A72C1DF',
  '3.11': 'DE82F0BACC4DB70DBEF95CA65EC2255642304A6E',
  '3.12': '8B7C364430B66F0B084C0B0C55339A4C6A7BD8D4',
  '3.13': '9B5AE8E6FD2581F293104ACC38675E5F30F779AF',
  '4.0': '55F839E173AC06F364120D46FA86EEACB306CEE1',
  '4.1': 'EED3351AFD72E5437C050F0388F6CDEE78FA6D97',
};
const UPSTREAM_5_TO_11 = 'F9C958A3AEE0D2184FAD1CBD43607F0DC2F8238C';

/** Of every PPA under ~gluster on Launchpad. */
const PPA = 'F7C73FCC930AC9F83B387A5613E01B7B3FE869A9';

/** CentOS Storage SIG, as listed on https://www.centos.org/keys/. */
const STORAGE_SIG = '74129C0B173B071A3775951AD4A2E50BE451E5B5';

const DOWNLOAD = 'https://download.gluster.org/pub/gluster/glusterfs';

export interface KnownKey {
  /** null: not known for this series, the file has to give it. */
  fingerprint: string | null;
  /** Where the key may be, in the order to try. */
  urls: readonly string[];
}

/** "10.3" and "10" are of series 10, "3.12.4" and "3.12" of series 3.12, "4.1.5" of 4.1. */
export const seriesOf = (version: string): string => (/^[34]\./.test(version) ? /^\d+\.\d+/ : /^\d+/).exec(version)?.[0] ?? version;

/** `<series>/LATEST/rsa.pub` was never there for most series (glusterdocs#699); old series moved to 01.old-releases (glusterfs#1298). */
const upstreamUrls = (series: string): string[] =>
  [`${series}/rsa.pub`, `01.old-releases/${series}/rsa.pub`, `${series}/pub.rsa`, `${series}/LATEST/rsa.pub`, `${series}/pub.key`].map(
    (path) => `${DOWNLOAD}/${path}`,
  );

const upstreamFingerprint = (series: string): string | null => {
  const number = Number(series);
  return UPSTREAM[series] ?? (Number.isInteger(number) && number >= 5 && number <= 11 ? UPSTREAM_5_TO_11 : null);
};

const keyserver = (fingerprint: string): string => `https://keyserver.ubuntu.com/pks/lookup?op=get&search=0x${fingerprint}`;

/** The key that signs what a source offers; null where the source needs none (distro) or only the file can say (mirror). */
export const knownKey = (gluster: Pick<Gluster, 'source' | 'version'>, format: 'deb' | 'rpm'): KnownKey | null => {
  const series = seriesOf(gluster.version);
  if (gluster.source === 'upstream') return { fingerprint: upstreamFingerprint(series), urls: upstreamUrls(series) };
  if (gluster.source === 'ppa' && format === 'deb') return { fingerprint: PPA, urls: [keyserver(PPA)] };
  if (gluster.source === 'centos-sig' && format === 'rpm') {
    return { fingerprint: STORAGE_SIG, urls: ['https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-Storage'] };
  }
  return null;
};
