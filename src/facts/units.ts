import { sh } from '../sh.ts';

/** Where systemd 252 looks for units (systemd.unit(5)), and where one shows that runs on although its file is gone. */
const PLACES = [
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/etc/systemd/system.attached',
  '/run/systemd/system.attached',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/run/systemd/generator',
  '/run/systemd/generator.late',
  '/sys/fs/cgroup/system.slice',
  '/sys/fs/cgroup/systemd/system.slice',
];

/**
 * `is_unit NAME`: systemd may know it. Asked of the files, without a process: systemd is spoken to for those alone that are there,
 * since each name costs both sides a millisecond, also one that leads nowhere.
 */
export const unitsSh = sh`
  is_unit() {
    for place in ${PLACES}; do
      if [ -e "$place/$1" ] || [ -L "$place/$1" ]; then return 0; fi
    done
    return 1
  }`;
