import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** What is to be undone is noted here, one folder for each change of the packages. */
export const RECORDS = '/var/lib/glusterctl/undo';

/** Name for the record of the next change: one that was cut off is gone on with, one that was completed is left to its own undo. */
export const nextRecord = (kind: string): Fact<string> => ({
  id: `undo-records:${kind}`,
  read: sh`cd ${RECORDS} && for one in ${kind}-*; do if [ -e "$one/done" ]; then echo "$one"; fi; done`,
  parse: ({ stdout }) => `${kind}-${Math.max(0, ...[...stdout.matchAll(/-(\d+)$/gm)].map(([, n]) => Number(n))) + 1}`,
});

/** Takes the record away, and the folders around it when they are empty. */
export const forget = sh`
  rm -rf -- "$record" "$record.part"
  for path in ${[RECORDS, RECORDS.slice(0, RECORDS.lastIndexOf('/'))]}; do
    [ ! -d "$path" ] || rmdir --ignore-fail-on-non-empty -- "$path"
  done`;
