import type { ShrinkPlan } from '../shrink/plan.ts';
import { sizeText } from '../shrink/size.ts';
import { endOf, type TablePartition } from '../shrink/table.ts';
import type { Paint } from './paint.ts';

const WIDTH = 64;

/**
 * A disk drawn to scale: `#` what is used of root, `=` the rest of root, `+` the new partition, `o` other partitions,
 * `.` room. Nothing that is there is ever too small to be seen.
 */
export const bar = (
  parts: readonly TablePartition[],
  { sectors, rootNumber, layout, used }: Pick<ShrinkPlan, 'sectors' | 'rootNumber' | 'layout' | 'used'>,
): string => {
  const cells = Array<string>(WIDTH).fill('.');
  const paintOver = (from: number, to: number, mark: string): void => {
    const first = Math.min(WIDTH - 1, Math.round((from / sectors) * WIDTH));
    const last = Math.max(first + 1, Math.round((to / sectors) * WIDTH));
    for (let i = first; i < Math.min(WIDTH, last); i += 1) cells[i] = mark;
  };
  // Small ones last: a boot partition of 1 MiB would vanish below its neighbour.
  for (const p of [...parts].sort((a, b) => b.size - a.size)) {
    if (p.number === rootNumber) {
      paintOver(p.start, endOf(p), '=');
      paintOver(p.start, p.start + used / layout.sector, '#');
    } else paintOver(p.start, endOf(p), p.start === layout.fresh.start ? '+' : 'o');
  }
  return `[${cells.join('')}]`;
};

const rows = (parts: readonly TablePartition[], plan: ShrinkPlan): string[] =>
  [...parts]
    .sort((a, b) => a.start - b.start)
    .map((p) => {
      const what = p.number === plan.rootNumber ? 'root' : p.start === plan.layout.fresh.start ? 'new' : '';
      const size = sizeText(p.size * plan.layout.sector);
      return `  ${String(p.number).padStart(3)}  ${String(p.start).padStart(12)} to ${String(endOf(p) - 1).padStart(12)}  ${size.padStart(12)}  ${[what, p.name ?? ''].filter(Boolean).join('  ')}`.trimEnd();
    });

const minutes = (seconds: number): string => (seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`);

/** The plan as a person reads it before saying yes. */
export const shrinkText = (plan: ShrinkPlan, commands: boolean, p: Paint): string => {
  const { layout, place } = plan;
  const out: string[] = [
    p.head(
      `${plan.node}: ${place.disk}, serial ${place.serial}, ${sizeText(plan.sectors * layout.sector)}, ${layout.label === 'gpt' ? 'GPT' : 'MBR'}`,
    ),
    '',
    `before ${bar(plan.before, plan)}`,
    ...rows(plan.before, plan),
    `after  ${bar(plan.after, plan)}`,
    ...rows(plan.after, plan),
    p.dim(`       # used, = root, + new, o other partitions, . room; sectors of ${layout.sector} bytes`),
    '',
    `root: ${sizeText(plan.used)} used; resize2fs could shrink it to ${sizeText(layout.filesystem.minimum * layout.filesystem.blockSize)}`,
    '',
    ...plan.warnings.map((text) => `${p.warn('note:')} ${text}`),
  ];
  if (plan.legs.length === 0) return [...out, 'Nothing to do.'].join('\n');
  const reboots = plan.legs.some((leg) => leg.id === 'boot');
  if (reboots) out.push('', p.head('Copied to this machine first'), ...plan.backups.map((text) => `  ${text}`));
  for (const [i, leg] of plan.legs.entries()) {
    out.push('', p.head(`${i + 1}. ${leg.title}`) + p.dim(`  (about ${minutes(leg.seconds)})`));
    for (const change of leg.changes) {
      out.push(`  ${change.risk === 'safe' ? '+' : change.risk === 'disruptive' ? '~' : '!'} ${change.title}`);
      if (commands) out.push(...change.do.shown.split('\n').map((line) => p.dim(`      ${line}`)));
    }
    out.push(`  if the power fails: ${leg.powerCut}`);
  }
  const all = plan.legs.reduce((sum, leg) => sum + leg.seconds, 0);
  out.push('', `About ${minutes(all)}${reboots ? ', two reboots; the node serves nothing from the first to the second' : ', no reboot'}.`);
  return out.join('\n');
};

/** The steps for a person at a console. */
export const checklistText = (plan: ShrinkPlan): string => {
  const { layout, place, rootNumber } = plan;
  const { root, fresh, filesystem } = layout;
  const part = (n: number): string => (/[0-9]$/.test(place.disk) ? `${place.disk}p${n}` : `${place.disk}${n}`);
  const r = part(rootNumber);
  const name = layout.label === 'gpt' ? `, name="${fresh.name}"` : '';
  return [
    `Checklist for ${plan.node}: cut ${sizeText(fresh.size * layout.sector)} from ${place.disk} (serial ${place.serial}), at its console`,
    '',
    `[ ] A backup of ${plan.node} is there, and the console works.`,
    `[ ] Keep the table elsewhere:            sfdisk --dump ${place.disk} > table.sfdisk`,
    '[ ] Nothing grows root at boot (cloud-init): touch /etc/growroot-disabled;',
    '    growpart: {mode: "off"} and resize_rootfs: false in /etc/cloud/cloud.cfg.d/99-glusterctl-nogrow.cfg',
    '[ ] Boot GRML, "copy Grml to RAM"; nothing of the disk is mounted: grep ^/dev/ /proc/mounts',
    `[ ] It is the same disk:                 lsblk -o NAME,SIZE,SERIAL ${place.disk}`,
    `[ ] Check:                               e2fsck -f -y ${r}`,
    ...(layout.pending.shrinkFilesystem
      ? [`[ ] Shrink the filesystem FIRST:         resize2fs ${r} ${filesystem.shrinkTo}      (blocks of ${filesystem.blockSize} bytes)`]
      : []),
    ...(layout.pending.shrinkPartition
      ? [`[ ] Then its partition (sectors):        echo ', ${root.size}' | sfdisk --no-reread -N ${rootNumber} ${place.disk}`]
      : []),
    ...(layout.pending.create
      ? [
          `[ ] The new partition:                   echo 'start=${fresh.start}, size=${fresh.size}, type=${fresh.type}${name}' | sfdisk --no-reread --append --wipe-partitions always ${place.disk}`,
        ]
      : []),
    `[ ] Tell the kernel:                     partx -u ${place.disk}`,
    `[ ] Grow the filesystem to fill it:      resize2fs ${r} ${filesystem.blocks}`,
    `[ ] Check again, no fault may be left:   e2fsck -f -n ${r}`,
    `[ ] Compare with the plan:               sfdisk --dump ${place.disk}`,
    ...[...plan.after].sort((a, b) => a.start - b.start).map((p) => `      ${part(p.number)}: start=${p.start}, size=${p.size}`),
    '[ ] Boot back; df -h / and lsblk show the new sizes.',
  ].join('\n');
};
