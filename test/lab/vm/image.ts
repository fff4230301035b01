import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../../helpers/debian.ts';
import { hostApt } from './apt.ts';
import { withLock } from './lock.ts';
import { BOARD, drive, logOf } from './machine.ts';
import { CACHE, script } from './paths.ts';
import { mayBuild, VM_NEEDS } from './prerequisites.ts';
import { must, say } from './run.ts';

/** bare: as a cloud hands a server out. gluster: with glusterfs-server and the LVM tools installed, nothing configured. */
export type Image = 'bare' | 'gluster';

/** MiB; room for a root that can be shrunk to half. */
const ROOT_SIZE = 6144;
const GLUSTER_PACKAGES = ['glusterfs-server', 'lvm2', 'thin-provisioning-tools', 'xfsprogs', 'attr'];
/** What makes the image as it is, besides the scripts, the key and the mirror. Raise it when this file changes that. */
const RECIPE = '1';

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** The key by which the tests log in to every machine. Made once for this cache. */
export const loginKey = async (): Promise<{ file: string; text: string }> => {
  const file = join(CACHE, 'id_ed25519');
  await withLock('key', 30_000, async () => {
    if (!existsSync(file)) await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'glusterctl-vm-lab', '-f', file]);
  });
  return { file, text: readFileSync(`${file}.pub`, 'utf8') };
};

/** An SSH host key, as the firmware of one machine holds it. */
export const newHostKey = (dir: string): Promise<string> =>
  must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'glusterctl-vm-lab', '-f', join(dir, 'host_key')]);

export const hostKeyOf = (dir: string): { hostKey: string; publicKey: string } => ({
  hostKey: readFileSync(join(dir, 'host_key'), 'utf8'),
  publicKey: readFileSync(join(dir, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
});

/** Images that no lab stands on and that are not of today's recipe. */
const prune = (images: string, today: string): void => {
  const labs = join(CACHE, 'labs');
  const states = existsSync(labs) ? readdirSync(labs).map((lab) => join(labs, lab, 'state.json')) : [];
  const used = states
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const key of readdirSync(images)) if (key !== today && !used.includes(key)) rmSync(join(images, key), { recursive: true });
};

/** A raw disk that boots from its own boot loader. */
const build = async (work: string, file: string, packages: readonly string[], login: string): Promise<void> => {
  const start = Date.now();
  const apt = await hostApt();
  const root = join(work, 'root');
  const inputs = { sources: join(work, 'sources.list'), conf: join(work, 'apt.conf'), key: join(work, 'login.pub') };
  writeFileSync(inputs.sources, apt.sources);
  writeFileSync(inputs.conf, apt.conf);
  writeFileSync(inputs.key, login);
  await must('sh', [script('rootfs.sh'), root, inputs.sources, inputs.conf, inputs.key, packages.join(',')]);
  say(`Debian root made (${seconds(start)})`);
  await must('sh', [script('disk.sh'), root, file, String(ROOT_SIZE)]);

  // The boot loader can be installed only where the disk is a disk: in the machine, booted once without it.
  const boot = readdirSync(join(root, 'boot'));
  const find = (prefix: string): string => join(root, 'boot', boot.find((name) => name.startsWith(prefix)) ?? `${prefix}-missing`);
  const uuid = /UUID=(\S+)/.exec(readFileSync(join(root, 'etc/fstab'), 'utf8'))?.[1];
  const kernelLine = `root=UUID=${uuid} ro net.ifnames=0 console=ttyS0 panic=1 init=/usr/local/sbin/lab-first-boot`;
  const log = logOf(work);
  await must(
    'qemu-system-x86_64',
    [
      ...[...BOARD, '-m', '1024', '-smp', '2', '-nic', 'none', '-no-reboot', '-serial', `file:${log}`],
      ...['-drive', drive('root', file, 'raw'), '-device', 'virtio-blk-pci,drive=root,addr=0x08'],
      ...['-kernel', find('vmlinuz'), '-initrd', find('initrd.img'), '-append', kernelLine],
    ],
    { timeout: 300_000 },
  );
  const said = readFileSync(log, 'utf8');
  if (!said.includes('LAB-FIRST-BOOT-DONE')) throw new Error(`the first boot of the image failed:\n${said.slice(-1500)}`);
  say(`image made (${seconds(start)})`);
};

/** The raw disk of the image; built when it is not there. Machines stand on it with overlays of their own. */
export const ensureImage = async (image: Image): Promise<string> => {
  ensure('the VM lab', VM_NEEDS, say);
  mkdirSync(CACHE, { recursive: true });
  const login = await loginKey();
  const apt = await hostApt();
  const recipe = [RECIPE, ROOT_SIZE, GLUSTER_PACKAGES.join(), login.text, apt.sources, apt.conf];
  for (const name of ['rootfs.sh', 'disk.sh']) recipe.push(readFileSync(script(name), 'utf8'));
  const key = createHash('sha256').update(recipe.join('\0')).digest('hex').slice(0, 16);
  const images = join(CACHE, 'images');
  const file = join(images, key, `${image}.raw`);

  await withLock('image', 1_800_000, async () => {
    if (existsSync(file)) return;
    mkdirSync(join(images, key), { recursive: true });
    prune(images, key);
    mayBuild();
    const work = mkdtempSync(join(CACHE, 'build-'));
    try {
      say(`building the ${image} image in ${work}`);
      await build(work, join(work, 'disk.raw'), image === 'gluster' ? GLUSTER_PACKAGES : [], login.text);
      renameSync(join(work, 'disk.raw'), file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
  return file;
};
