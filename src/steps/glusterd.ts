import { z } from 'zod';
import { UNIT_FILE, WRAPPER } from '../container/paths.ts';
import { containerUnit } from '../facts/container.ts';
import { ANSWER_SECONDS, answers } from '../facts/gluster.ts';
import { services } from '../facts/services.ts';
import { cli, volumeList } from '../gluster/command.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { masked } from './unit.ts';

/** glusterfs-server.service is what Debian 8 and Ubuntu 16.04 called it. */
const UNITS = ['glusterd.service', 'glusterfs-server.service'] as const;
/** Seconds. A glusterd that has volumes starts their bricks first; without any it answers after one or two. */
const PATIENCE = 60;

/** Sets u to the unit that is there. Asked on the node when it is needed: at planning the package may still be missing. */
const unit = sh`u=${UNITS[0]}; systemctl cat "$u" >/dev/null 2>&1 || u=${UNITS[1]}`;
const unitOrNothing = sh`${unit}; systemctl cat "$u" >/dev/null 2>&1 || exit 0`;
const answered = sh`timeout ${ANSWER_SECONDS} ${cli(volumeList())} | grep -q '<opRet>0</opRet>'`;

const enable: Change = {
  id: 'enable',
  title: 'start glusterd at every boot',
  risk: 'safe',
  do: sh`
    set -eu
    ${unit}
    systemctl enable -- "$u"`,
  undo: sh`
    set -eu
    ${unitOrNothing}
    systemctl disable -- "$u"`,
  verify: sh`${unit}; [ "$(systemctl is-enabled -- "$u")" = enabled ]`,
};

/** Does not come back before glusterd answers; what its logs say when it does not ends on stderr. */
export const run = (verb: 'start' | 'restart') => sh`
  set -eu
  ${unit}
  fail() {
    echo "$u $1"
    # What its processes said, without systemd's own sentences; a busy journald may not have written it yet (--sync: systemd 228).
    journalctl --sync >/dev/null 2>&1 || true
    journalctl --no-pager -q -o cat _SYSTEMD_UNIT="$u" -n 3 || true
    grep -h ' [EC] ' /var/log/glusterfs/*glusterd*.log 2>/dev/null | tail -n 4
    exit 1
  } >&2
  systemctl ${verb} -- "$u" || fail 'does not start:'
  end=$(($(date +%s) + ${PATIENCE}))
  until ${answered}; do
    systemctl is-active -q -- "$u" || fail 'has ended by itself:'
    [ "$(date +%s)" -lt "$end" ] || fail ${`runs, but has not answered in ${PATIENCE} s:`}
    sleep 1
  done`;

const verify = sh`${unit}; systemctl is-active -q -- "$u" && ${answered}`;

const start: Change = {
  id: 'start',
  title: 'start glusterd',
  risk: 'safe',
  do: run('start'),
  undo: sh`
    set -eu
    ${unitOrNothing}
    systemctl stop -- "$u"
    systemctl reset-failed -- "$u" 2>/dev/null || true`,
  verify,
};

const restart: Change = {
  id: 'start',
  title: 'restart glusterd, which runs but does not answer',
  risk: 'disruptive',
  do: run('restart'),
  undo: 'nothing',
  verify,
};

export const glusterd = defineStep({
  id: 'glusterd',
  title: 'Start glusterd',
  about: 'Enables and starts the glusterd service on servers, and waits until it answers.',
  want: z.strictObject({ container: z.boolean().describe('It runs in a container') }),

  jobs: ({ nodes, gluster: { container } }) =>
    nodes.filter(({ roles }) => roles.includes('server')).map(({ name }) => ({ node: name, want: { container: container !== undefined } })),

  facts: () => ({ units: services(UNITS), answers, contained: containerUnit }),

  plan({ container }, is) {
    if (is.contained && !container) {
      throw new CannotPlan({
        check: 'container-packages',
        what: 'glusterd runs in a container here, which glusterctl has made',
        why: 'one from packages would share its port, settings and bricks',
        next: `write use: container; or end it by hand (systemctl disable --now ${UNITS[0]}, rm ${UNIT_FILE} ${WRAPPER}, systemctl daemon-reload): glusterd from packages takes over what /var/lib/glusterd holds`,
      });
    }
    if (is.units === null) {
      throw new CannotPlan({
        check: 'no-systemd',
        what: 'the node is not run by systemd',
        next: 'glusterctl starts glusterd with systemctl; use a distribution that has it',
      });
    }
    const [name = UNITS[0], now] = [...is.units].find(([, { load }]) => load !== 'not-found') ?? [];
    if (now?.load === 'masked') throw new CannotPlan(masked(name));
    const changes: Change[] = [];
    // static, alias and generated ones are started by something else, and cannot be enabled.
    if (!now || ['disabled', 'enabled-runtime', 'linked', 'linked-runtime', 'indirect', ''].includes(now.file)) changes.push(enable);
    if (now?.active !== 'active') changes.push(start);
    else if (!is.answers) changes.push(restart);
    return changes;
  },
});
