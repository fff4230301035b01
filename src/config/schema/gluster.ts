import { z } from 'zod';
import { ENGINES } from '../../container/paths.ts';
import { fingerprint, imageReference, localPath, localPathOrUrl, treeUrl, unique, word } from './words.ts';

/** One value for all package formats, or one for each. */
const perFormat = <T extends z.ZodType>(one: T) =>
  z.union([
    one,
    z
      .strictObject({ deb: one.optional().describe('For apt'), rpm: one.optional().describe('For dnf and yum') })
      .refine((value) => value.deb !== undefined || value.rpm !== undefined, { message: 'deb, rpm, or both', params: { allowed: true } })
      .meta({ minProperties: 1 }),
  ]);

/** `base-port` of glusterd.vol: where the ports of bricks begin. */
export const FIRST_BRICK_PORT = 49152;

export const GlusterSection = z.strictObject({
  version: word(
    /^(3\.[0-9]+|4\.[01]|[5-9]|[1-9][0-9]+)(\.[0-9]+)?$/,
    'a release in quotes, such as "10.3", or a series, such as "10" (up to 4.1 a series is "3.12" or "4.1")',
    20,
  ).describe('"10.3" is that release exactly; "10" the newest of the series, written out in the plan'),
  use: z
    .enum(['packages', 'container'])
    .default('packages')
    .describe('What servers run glusterd from: packages, or an image; clients mount by packages in both cases'),
  image: imageReference().optional().describe('With use: container: the image, such as registry.example/glusterfs:10.3@sha256:...'),
  engine: z.enum(ENGINES).optional().describe('With use: container: what runs it. Default: podman'),
  source: z
    .enum(['upstream', 'distro', 'ppa', 'centos-sig', 'mirror'])
    .default('upstream')
    .describe("Where packages come from: download.gluster.org, the distribution, Gluster's PPA, the CentOS Storage SIG, or a mirror"),
  mirror: perFormat(treeUrl())
    .optional()
    .describe("With source mirror: URL of a tree laid out like upstream's, for dnf and yum like the SIG's; or { deb: URL, rpm: URL }"),
  key: perFormat(localPathOrUrl('https'))
    .optional()
    .describe("The repository's signing key, a file or https URL read on this machine; or { deb: , rpm: }. Known keys are built in"),
  fingerprint: perFormat(fingerprint())
    .optional()
    .describe('Fingerprint that the key must have; required where key is given; or { deb: , rpm: }'),
  hold: z.boolean().default(true).describe('Hold the installed version, so that no upgrade of the system moves it'),
  modules: unique(z.array(word(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/, 'a module name: letters, digits, "_" and "-"', 64)))
    .default(['dm_thin_pool', 'dm_snapshot', 'dm_mirror'])
    .describe('Kernel modules loaded now and after every reboot; fuse is added on clients'),
  maxPort: z
    .int()
    .min(FIRST_BRICK_PORT + 9, `${FIRST_BRICK_PORT + 9} to 65535`)
    .max(65535, `${FIRST_BRICK_PORT + 9} to 65535`)
    .optional()
    .describe("Highest port that bricks take, so that a firewall opens fewer; the lowest is 49152. Default: Gluster's own, 60999"),
});
export type GlusterInput = z.output<typeof GlusterSection>;

export const GrmlSection = z.strictObject({
  iso: localPathOrUrl('https?').describe('The GRML image: a URL, or a file on this machine'),
  sha256: word(/^([0-9A-Fa-f]{64})?$/, '64 hexadecimal digits', 64)
    .optional()
    .describe('SHA-256 of the image; this or a signature is needed by node shrink'),
  signature: localPath().optional().describe('Detached signature of the image; needs key and fingerprint'),
  key: localPath().optional().describe('Key that made the signature'),
  fingerprint: fingerprint().optional().describe('Fingerprint that the key must have'),
  bootOptions: word(
    /^([A-Za-z0-9_][A-Za-z0-9 _.,:=/@%+[\]-]*)?$/,
    'boot options of letters, digits, blanks and "_.,:=/@%+[]-", beginning with a letter',
    1000,
  )
    .default('')
    .describe("Added to glusterctl's own boot options, such as ip=... or console=ttyS0"),
});
export type GrmlInput = z.output<typeof GrmlSection>;
