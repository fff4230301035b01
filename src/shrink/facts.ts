import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';
import { type Ext, parseExt } from './filesystem.ts';
import { LIVE_SIGN, OURS } from './names.ts';
import { parseTable, type Table } from './table.ts';

/** What a node says about its root disk and about the way into a live system and back. */
export interface Seen {
  /** '' where it is not known, of all texts. */
  root: { device: string; fstype: string; type: string; uuid: string; partuuid: string; number: number };
  disk: { path: string; wished: string; serial: string; length: number };
  table: Table | null;
  ext: Ext | null;
  /** What is on the other partitions of the disk, or uses them, by their numbers; an empty one is not there. */
  carried: ReadonlyMap<number, string>;
  /** Bytes. */
  memory: number;
  free: number;
  /** ID and ID_LIKE of os-release. */
  os: readonly string[];
  arch: string;
  grub: { tools: boolean; environment: boolean; filesystem: string; secureBoot: boolean };
  kubelet: boolean;
  cloudInit: boolean;
  rescueboot: boolean;
  /** It is the live system that answers; then nothing else here is about the node. */
  live: boolean;
  /** Something of an earlier way through the live system is still on the node. */
  leftovers: boolean;
  network: { device: string; physical: boolean; place: number; interfaces: number; dynamic: boolean; address: string; gateway: string };
  /** Who glusterctl logs in as, and whether by a key that the live system can take over. */
  login: { user: string; keys: boolean; ports: readonly number[] };
}

const read = (disk: string) => sh`
  say() { printf '%s=%s\n' "$1" "$2"; }
  many() { printf '%s=' "$1"; shift; "$@" 2>/dev/null | base64 -w0; echo; }
  carried() {
    for p in "$1"/../*/partition; do
      d=$(dirname "$p")
      [ "$(readlink -f "$d")" != "$1" ] || continue
      printf '%s %s\n' "$(cat "$p")" "$(wipefs --noheadings --output TYPE "/dev/$(basename "$d")" | tr '\n' ' ') $(ls "$d/holders" | tr '\n' ' ') $(grep -s "^/dev/$(basename "$d") " /proc/mounts | cut -d ' ' -f 2 | tr '\n' ' ')"
    done
  }
  [ ! -e ${LIVE_SIGN} ] || say live yes
  [ ! -d ${OURS} ] || say leftovers yes
  say wished "$(readlink -f -- ${disk})"
  root=$(readlink -f "$(findmnt -n -o SOURCE /)")
  say root "$root"
  say fstype "$(findmnt -n -o FSTYPE /)"
  say type "$(lsblk -dno TYPE "$root")"
  say uuid "$(blkid -p -s UUID -o value "$root")"
  say partuuid "$(blkid -p -s PART_ENTRY_UUID -o value "$root")"
  s=$(readlink -f "/sys/class/block/\${root##*/}")
  if [ -e "$s/partition" ]; then
    disk=/dev/$(basename "$(dirname "$s")")
    say number "$(cat "$s/partition")"
    say disk "$disk"
    say length "$(cat "$s/../size")"
    say sector "$(cat "$s/../queue/logical_block_size")"
    say serial "$(lsblk -dno SERIAL "$disk")"
    many table sfdisk --json "$disk"
    many carried carried "$s"
  fi
  case $(findmnt -n -o FSTYPE /) in
    ext*) many superblock dumpe2fs -h "$root"; many estimate resize2fs -P "$root" ;;
  esac
  say memory "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
  say free "$(df -Pk /boot | awk 'NR == 2 { print $4 }')"
  say os "$(. /etc/os-release; printf '%s' "$ID $ID_LIKE")"
  say arch "$(uname -m)"
  ! { command -v grub-reboot && command -v update-grub; } >/dev/null || say grub yes
  [ ! -f /boot/grub/grubenv ] || say grubenv yes
  say bootfs "$(grub-probe -t fs /boot/grub)"
  [ "$(od -An -j4 -N1 -t u1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c | tr -d ' ')" != 1 ] || say secureboot yes
  [ ! -d /var/lib/kubelet ] || say kubelet yes
  [ ! -d /etc/cloud/cloud.cfg.d ] || say cloudinit yes
  ! dpkg -s grml-rescueboot | grep -q '^Status: install ok installed' || say rescueboot yes
  dev=$(ip -4 route show default | sed -n '1s/.* dev \([^ ]*\).*/\1/p')
  say dev "$dev"
  say gateway "$(ip -4 route show default | sed -n '1s/.* via \([^ ]*\).*/\1/p')"
  line=$(ip -4 -o addr show dev "$dev" scope global | head -n 1)
  say address "$(printf %s "$line" | sed -n 's/.* inet \([^ ]*\).*/\1/p')"
  case $line in *' dynamic'*) say dynamic yes ;; esac
  [ ! -e "/sys/class/net/$dev/device" ] || say physical yes
  place=0 all=0
  for i in $(grep -Hs . /sys/class/net/*/ifindex | sort -t : -k 2 -n | sed 's,^/sys/class/net/\(.*\)/ifindex:.*,\1,'); do
    [ -e "/sys/class/net/$i/device" ] || continue
    [ "$i" != "$dev" ] || place=$all
    all=$((all + 1))
  done
  say place "$place"
  say interfaces "$all"
  user=\${SUDO_USER:-root}
  say user "$user"
  h=$(getent passwd "$user" | cut -d : -f 6)
  ! grep -Eqs '^(ssh-|ecdsa-|sk-)' "$h/.ssh/authorized_keys" || say keys yes
  say ports "$(sshd -T 2>/dev/null | sed -n 's/^port //p' | tr '\n' ' ')"`;

const SAID = /^([a-z]+)=(.*)$/;

export const seen = (disk: string): Fact<Seen> => ({
  id: `shrink:${disk}`,
  read: read(disk),
  parse: ({ stdout }) => {
    const said = new Map(
      stdout.split('\n').flatMap((line) => (SAID.exec(line) ? [[SAID.exec(line)?.[1] ?? '', SAID.exec(line)?.[2] ?? '']] : [])) as [
        string,
        string,
      ][],
    );
    const text = (key: string): string => (said.get(key) ?? '').trim();
    const yes = (key: string): boolean => text(key) === 'yes';
    const many = (key: string): string => Buffer.from(text(key), 'base64').toString('utf8');
    const length = Number(text('length'));
    const sector = Number(text('sector')) || 512;
    return {
      root: {
        device: text('root'),
        fstype: text('fstype'),
        type: text('type'),
        uuid: text('uuid'),
        partuuid: text('partuuid'),
        number: Number(text('number')),
      },
      disk: { path: text('disk'), wished: text('wished'), serial: text('serial') || 'none', length },
      table: parseTable(many('table'), { sectors: (length * 512) / sector, sector }),
      ext: parseExt(many('superblock'), many('estimate')),
      carried: new Map(
        many('carried')
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .flatMap(([number = '', ...what]): [number, string][] => (what.length > 0 ? [[Number(number), what.join(' ')]] : [])),
      ),
      memory: Number(text('memory')) * 1024,
      // On /boot, which may be the root filesystem: to hide what changes from one second to the next, in steps of 16 MiB.
      free: Math.floor(Number(text('free')) / 16384) * 16384 * 1024,
      os: text('os').split(' ').filter(Boolean),
      arch: text('arch'),
      grub: { tools: yes('grub'), environment: yes('grubenv'), filesystem: text('bootfs'), secureBoot: yes('secureboot') },
      kubelet: yes('kubelet'),
      cloudInit: yes('cloudinit'),
      rescueboot: yes('rescueboot'),
      live: yes('live'),
      leftovers: yes('leftovers'),
      network: {
        device: text('dev'),
        physical: yes('physical'),
        place: Number(text('place')),
        interfaces: Number(text('interfaces')),
        dynamic: yes('dynamic'),
        address: text('address'),
        gateway: text('gateway'),
      },
      login: { user: text('user'), keys: yes('keys'), ports: text('ports').split(' ').filter(Boolean).map(Number) },
    };
  },
});
