import type { Disk } from '../../facts/disks.ts';
import type { Change } from '../../model/step.ts';
import { type Sh, sh } from '../../sh.ts';
import type { Choice } from './choose.ts';
import { guard } from './guard.ts';
import { findWords, spoken, typedSerial } from './identity.ts';

const numberOf = (device: Disk): string => (device.type === 'part' ? (/\d+$/.exec(device.name)?.[0] ?? '?') : '0');

/** `PARTITION TYPE UUID` of all that is written on it; 0 is the disk itself, - an UUID that is not known. */
const agreed = (device: Disk, all: readonly Disk[]): string[] =>
  [device, ...all.filter((d) => d.type === 'part' && device.children.includes(d.name))]
    .flatMap((d) => (d.signatures ?? []).map(({ type, uuid }) => `${d === device ? '0' : numberOf(d)} ${type} ${uuid || '-'}`))
    .sort();

/** Fails for a signature that was not there when its loss was agreed to. */
const asAgreed = (lines: readonly string[]): Sh => sh`
  signatures() { wipefs -n -p "$1" | awk -F, -v part="$2" '!/^#/ && NF > 1 { print part, $NF, $2 }'; }
  new=$({
    printf '%s\n' ${[...lines, '=']}
    signatures "$d" 0
    for one in $(parts); do signatures "$(node_of "$one")" "$(cat "$one/partition")"; done
  } | awk '$0 == "=" { now = 1; next } !now { known[$1 " " $2 " " $3]; next }
    !($1 " " $2 " " $3 in known) && !($1 " " $2 " -" in known) { print "partition " $1 ": " $2 " " $3 }')
  [ -z "$new" ] || fail "$d carries something that was not there when its loss was agreed to:" "$new"`;

/**
 * Takes away what is on a disk whose serial was given. What uses the disk stops it, at any level: the kernel grants an
 * exclusive open of the whole disk only while nobody holds it or a partition of it.
 */
const wipe = (find: Sh, lines: readonly string[]): Sh => sh`
  set -eu
  ${guard}
  find_disk ${find}
  idle
  ${asAgreed(lines)}
  for one in $(parts) "$s"; do left_on "$(node_of "$one")" >/dev/null; done
  for one in $(parts); do wipefs -a "$(node_of "$one")"; done
  wipefs -a "$d"
  if [ -n "$(parts)" ]; then blockdev --rereadpt "$d" || partx -d "$d"; fi
  ! command -v udevadm >/dev/null || udevadm settle --timeout=30
  blank`;

/** Needs the serial. Not to be undone: what was there is gone. */
export const wipeChange = ({ device, identity }: Choice, loses: string, all: readonly Disk[]): Change => {
  const find = findWords(identity, device.size);
  return {
    id: `wipe:${identity.value}`,
    title: `erase what is on ${spoken(device)}${device.serial === '' ? `, which has no serial: ${typedSerial(device)} in its place` : ''}`,
    risk: 'destructive',
    do: wipe(find, agreed(device, all)),
    undo: 'nothing',
    verify: sh`
      ${guard}
      find_disk ${find}
      blank`,
    device: { path: device.path, serial: typedSerial(device), loses },
  };
};
