import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../../helpers/debian.ts';
import { hostApt } from './apt.ts';
import { withLock } from './lock.ts';
import { CACHE, script } from './paths.ts';
import { ISO_NEEDS, mayBuild } from './prerequisites.ts';
import { must, say } from './run.ts';

/**
 * The live system that stands in for GRML in the tests: Debian's live-boot with GRML's layout, its boot options after
 * their documentation, and the cloud kernel. GRML's own ISO is 500 MB from a server that a test cannot rely on. What the
 * rest of the lab and the tests must know of GRML is named here and nowhere else.
 */
export const GRML = {
  /** Of the folder and the squashfs file on the medium, and so of `toram=`. */
  flavour: 'grml-small-amd64',
  /** Of the folder that holds kernel and initrd. */
  short: 'grmlsmallamd64',
  release: '0000.00',
  isoFile: 'grml-small-0000.00-amd64.iso',
  volume: 'grml-small 0000.00',
  bootId: 'glusterctllookalike',
  /** Where Debian's grml-rescueboot looks for ISO files, and the file by which it is configured. */
  isoFolder: '/boot/grml',
  settings: '/etc/default/grml-rescueboot',
  package: 'grml-rescueboot',
  /** MiB; the live system in RAM, with room to work. */
  memory: 1536,
} as const;

/** Raise it when this file changes what the ISO is. */
const RECIPE = '1';
const SCRIPTS = ['live-iso.sh', 'live-autoconfig.sh', 'live-initramfs.sh'];

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** The ISO's file on this machine and its checksum; built when it is not in the cache. */
export const buildLiveIso = async (): Promise<{ path: string; sha256: string }> => {
  ensure('the VM lab', ISO_NEEDS, say);
  const apt = await hostApt();
  const recipe = [RECIPE, JSON.stringify(GRML), apt.sources, apt.conf, ...SCRIPTS.map((name) => readFileSync(script(name), 'utf8'))];
  const key = createHash('sha256').update(recipe.join('\0')).digest('hex').slice(0, 16);
  const isos = join(CACHE, 'iso');
  const path = join(isos, key, GRML.isoFile);
  const sum = join(isos, key, 'sha256');

  await withLock('iso', 1_800_000, async () => {
    if (existsSync(sum)) return;
    const start = Date.now();
    mkdirSync(join(isos, key), { recursive: true });
    for (const old of readdirSync(isos)) if (old !== key) rmSync(join(isos, old), { recursive: true });
    mayBuild();
    const work = mkdtempSync(join(CACHE, 'build-'));
    try {
      say(`building the live ISO in ${work}`);
      const [sources, conf, out] = [join(work, 'sources.list'), join(work, 'apt.conf'), join(work, 'live.iso')];
      writeFileSync(sources, apt.sources);
      writeFileSync(conf, apt.conf);
      const { flavour, short, release, bootId, volume } = GRML;
      const names = { FLAVOUR: flavour, SHORT: short, RELEASE: release, BOOTID: bootId, VOLUME: volume };
      await must('sh', [script('live-iso.sh'), work, out, sources, conf], { env: { ...process.env, ...names } });
      const sha256 = await sha256Of(out);
      renameSync(out, path);
      writeFileSync(sum, sha256);
      say(`live ISO made (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
  return { path, sha256: readFileSync(sum, 'utf8') };
};
