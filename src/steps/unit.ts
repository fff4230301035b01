import type { Report } from '../errors.ts';
import type { Change } from '../model/change.ts';
import { all, sh } from '../sh.ts';

export const masked = (unit: string): Report => ({
  check: 'service-masked',
  what: `${unit} is masked, so that it cannot be started`,
  next: `systemctl unmask ${unit} on the node, if that is no longer meant`,
});

/** For a file that a unit reads when it starts: one that runs is started again when the file is taken back. */
export const restartedByUndo = (unit: string, change: Change): Change => ({
  ...change,
  undo:
    change.undo === 'nothing'
      ? 'nothing'
      : all(
          change.undo,
          sh`
        systemctl daemon-reload
        ! systemctl cat ${unit} >/dev/null 2>&1 || systemctl try-restart ${unit}`,
        ),
});
