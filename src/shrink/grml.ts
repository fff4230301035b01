import type { Change } from '../model/change.ts';
import { type Sh, sh } from '../sh.ts';
import type { Seen } from './facts.ts';
import { GRML, OURS } from './names.ts';
import { MIB, up } from './size.ts';

/** Bytes that stay free in /boot beside the image. */
export const SPARE = 64 * MIB;

const INSTALLED = `${OURS}/installed-package`;
const BEFORE = `${OURS}/settings-before`;

/** Holds the image's path when glusterctl has put it there; one that was there before stays. */
const IMAGE_OURS = `${OURS}/image`;
const CHECKED = `${OURS}/image-checked`;
const removeImage = sh`
  if [ -e ${IMAGE_OURS} ]; then
    f=$(cat ${IMAGE_OURS})
    rm -f -- "$f" ${IMAGE_OURS}
  fi`;

/** Exit 0 when the image on the node is the wanted one; else prints how many bytes of it were copied so far. */
export const imageState = (image: string, sha256: string): Sh => sh`
  if [ -e ${image} ]; then echo ${`${sha256}  ${image}`} | sha256sum -c --quiet >&2; exit; fi
  stat -c %s ${partPath(image)} || echo 0
  exit 1`;

/** Bytes of memory: the image is held in it, beside a small system (measured: 1.5 GB for an image of 0.15, so that resize2fs has room too). */
export const memoryFor = (image: number): number => up(image + 900 * MIB, 16 * MIB);

/** Its file name in the folder: grml-rescueboot does not cope with blanks. */
export const imagePath = (name: string): string => `${GRML.folder}/${name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/(\.iso)?$/i, '.iso')}`;

const netmask = (bits: number): string =>
  [24, 16, 8, 0].map((shift) => ((bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0) >>> shift) & 255).join('.');

/** The node's own way to the network, in the form of the kernel: ip=ADDRESS:SERVER:GATEWAY:NETMASK:NAME:DEVICE:none. */
export const networkOption = ({ network }: Pick<Seen, 'network'>, node: string): string => {
  if (network.dynamic) return '';
  const [address = '', bits = '24'] = network.address.split('/');
  return `ip=${address}::${network.gateway}:${netmask(Number(bits))}:${node}:eth${network.place}:none`;
};

/** Seconds without anyone at work in the live system until it boots the node back. */
export const DEAD_MAN = 900;

/** Runs in the live system. glusterctl holds one of these two locks for as long as it is connected or a script of it runs. */
const deadMan = `#!/bin/sh
watch() {
  quiet=0
  while [ "$quiet" -lt ${DEAD_MAN} ]; do
    sleep 10
    if flock -n /run/glusterctl.lock true && flock -n /run/glusterctl.change.lock true; then quiet=$((quiet + 10)); else quiet=0; fi
  done
  sync
  echo b >/proc/sysrq-trigger
}
if [ "$1" = watch ]; then watch; exit 0; fi
cp "$0" /run/glusterctl.dead-man
systemd-run --quiet --unit=glusterctl-dead-man sh /run/glusterctl.dead-man watch || { setsid sh /run/glusterctl.dead-man watch </dev/null >/dev/null 2>&1 & }
`;

/** Console output goes where the node's own goes, so that its provider's console shows it. */
const shared = sh`c=$(tr ' ' '\n' </proc/cmdline | grep '^console=' | tr '\n' ' ')`;

/** Packages and a folder for the image; what is put there later is taken away by its undo. */
export const preparePackage = (): Change[] => [
  {
    id: 'package',
    title: `install ${GRML.package}`,
    risk: 'safe',
    do: sh`
      set -eu
      mkdir -p -m 0700 ${OURS}
      export DEBIAN_FRONTEND=noninteractive
      if ! dpkg -s ${GRML.package} 2>/dev/null | grep -q '^Status: install ok installed'; then
        : >${INSTALLED}
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 ${GRML.package}
      fi`,
    undo: sh`
      set -eu
      export DEBIAN_FRONTEND=noninteractive
      if [ -e ${INSTALLED} ]; then apt-get purge -y -qq -o DPkg::Lock::Timeout=300 ${GRML.package}; fi
      rm -rf -- ${OURS}
      [ ! -d ${GRML.folder} ] || rmdir --ignore-fail-on-non-empty -- ${GRML.folder}`,
    verify: sh`[ -d ${OURS} ] && dpkg -s ${GRML.package} 2>/dev/null | grep -q '^Status: install ok installed'`,
  },
];

/** `part`: where the image is uploaded to. */
export const partPath = (image: string): string => `${OURS}/${image.slice(image.lastIndexOf('/') + 1)}.part`;

export const prepareLive = (image: string, sha256: string, seen: Seen, node: string, bootOptions: string): Change[] => {
  const { user, ports } = seen.login;
  const network = /(^|\s)ip=/.test(bootOptions) ? '' : networkOption(seen, node);
  return [
    {
      id: 'image',
      title: `check the image and put it at ${image}`,
      risk: 'safe',
      do: sh`
        set -eu
        if [ ! -e ${image} ]; then
          printf '%s\n' ${image} >${IMAGE_OURS}
          mv -- ${partPath(image)} ${image}
        fi
        echo ${`${sha256}  ${image}`} | sha256sum -c --quiet || { [ ! -e ${IMAGE_OURS} ] || rm -f -- ${image}; exit 1; }
        : >${CHECKED}
        sync`,
      undo: sh`
        ${removeImage}
        rm -f -- ${partPath(image)} ${CHECKED}`,
      verify: sh`[ -s ${image} ] && [ -e ${CHECKED} ]`,
    },
    {
      id: 'login',
      title: "give the live system the node's host keys and the login keys",
      risk: 'safe',
      do: sh`
        set -eu
        umask 077
        rm -rf -- ${`${OURS}/config`}
        mkdir -p ${`${OURS}/config/root/.ssh`} ${`${OURS}/config/etc/ssh/sshd_config.d`}
        cd ${`${OURS}/config`}
        cat "$(getent passwd ${user} | cut -d : -f 6)/.ssh/authorized_keys" >root/.ssh/authorized_keys
        cp -p /etc/ssh/ssh_host_* etc/ssh/
        printf '%s\n' 'PermitRootLogin prohibit-password' ${ports.map((port) => `Port ${port}`)} >etc/ssh/sshd_config.d/00-glusterctl.conf
        chmod 0755 etc etc/ssh etc/ssh/sshd_config.d
        chmod 0644 etc/ssh/sshd_config.d/00-glusterctl.conf
        printf %s ${deadMan} >${`${OURS}/dead-man`}
        chmod 0755 ${`${OURS}/dead-man`}`,
      undo: sh`rm -rf -- ${`${OURS}/config`} ${`${OURS}/dead-man`}`,
      verify: sh`[ -s ${`${OURS}/config/root/.ssh/authorized_keys`} ] && [ -x ${`${OURS}/dead-man`} ]`,
    },
    {
      id: 'menu',
      title: 'add the live system to the boot menu; what is booted stays as it is',
      risk: 'safe',
      do: sh`
        set -eu
        ${shared}
        modprobe -a loop isofs 2>/dev/null || :
        m=$(mktemp -d)
        mount -o ro,loop ${image} "$m"
        ram=$(cd "$m" && ls live/*/*.squashfs | head -n 1)
        umount "$m"
        rmdir "$m"
        [ -n "$ram" ] || { echo ${`${image} has no live/NAME/NAME.squashfs: it is no GRML`} >&2; exit 1; }
        at=$(findmnt -n -o TARGET -T ${OURS})
        uuid=$(findmnt -n -o UUID -T ${OURS})
        ours=${OURS}
        ours=\${ours#"$at"}
        ours=\${ours#/}
        [ -e ${BEFORE} ] || cp -p ${GRML.settings} ${BEFORE}
        printf 'CUSTOM_BOOTOPTIONS="%s"\n' "services=ssh myconfig=/dev/disk/by-uuid/$uuid config=$ours/config scripts=$ours/dead-man toram=\${ram##*/} panic=10 noprompt noeject $c"${` ${network} ${bootOptions}`} >${GRML.settings}
        update-grub 2>&1`,
      undo: sh`
        set -eu
        if [ -e ${BEFORE} ]; then mv -f ${BEFORE} ${GRML.settings}; fi
        grub-editenv - unset next_entry
        update-grub 2>&1`,
      verify: sh`grep -q 'scripts=.*/dead-man' ${GRML.settings} && ${entry(image)} && [ -n "$e" ]`,
    },
  ];
};

/** Sets e to the title of the image's entry: it is not the same in all versions of grml-rescueboot. */
export const entry = (image: string): Sh =>
  sh`e=$(sed -n 's/^[[:space:]]*menuentry ["'"'"']\([^"'"'"']*'${image.slice(image.lastIndexOf('/') + 1)}'[^"'"'"']*\)["'"'"'].*/\1/p' /boot/grub/grub.cfg | head -n 1)`;

const inNormal = sh`[ ! -e ${GRML.sign} ] || { echo 'the node is in the live system: boot it back first (systemctl reboot)' >&2; exit 1; }`;

/** Has the boot loader boot the live system the next time, and that time alone. */
export const arm = (image: string): Change => ({
  id: 'arm',
  title: 'have the boot loader boot the live system, once',
  risk: 'disruptive',
  do: sh`
    set -eu
    ${entry(image)}
    [ -n "$e" ] || { echo 'the boot menu has no entry for the live system' >&2; exit 1; }
    grub-reboot "$e"
    sync`,
  undo: sh`
    ${inNormal}
    grub-editenv - unset next_entry`,
  verify: sh`grub-editenv - list | grep -q '^next_entry=.'`,
});

export const REBOOT: Sh = sh`
  sync
  systemctl --no-block reboot`;

/** Takes away all that was put there for the live system. */
export const cleanUp = (): Change => ({
  id: 'clean-up',
  title: 'take the live system off the boot menu and the disk',
  risk: 'safe',
  do: sh`
    set -eu
    export DEBIAN_FRONTEND=noninteractive
    f=
    ${removeImage}
    if [ -e ${BEFORE} ]; then mv -f ${BEFORE} ${GRML.settings}; fi
    if [ -e ${INSTALLED} ]; then apt-get purge -y -qq -o DPkg::Lock::Timeout=300 ${GRML.package}; fi
    rm -rf -- ${OURS}
    [ ! -d ${GRML.folder} ] || rmdir --ignore-fail-on-non-empty -- ${GRML.folder}
    # Removing the package has done it already; a slow node takes minutes for it.
    if [ -z "$f" ] || grep -qF "\${f##*/}" /boot/grub/grub.cfg; then update-grub 2>&1; fi`,
  undo: 'nothing',
  verify: sh`[ ! -e ${OURS} ]`,
});
