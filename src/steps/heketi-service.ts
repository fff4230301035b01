import { z } from 'zod';
import { writeFile } from '../change.ts';
import { fileState } from '../facts/file.ts';
import { heketiConfig, heketiFresh, heketiState } from '../facts/heketi.ts';
import { service } from '../facts/services.ts';
import { CONFIG, client, ENVIRONMENT, KEY, programs, UNIT } from '../heketi/paths.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { configChange } from './heketi/config.ts';
import { configText, environmentText, unitText } from './heketi/files.ts';
import { masked, restartedByUndo } from './unit.ts';

const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
/** Seconds. It opens its database and looks at each node once before it listens. */
const PATIENCE = 60;

const Want = z.strictObject({
  port: z.number(),
  archive: z.boolean().describe('It comes from an archive, not from the package'),
  user: z.string().describe('Whom it logs in as on the servers'),
  sshPort: z.number(),
});
type Want = z.infer<typeof Want>;

const answers = (port: number) => sh`
  ${client(port)}
  timeout 20 heketi-cli cluster list >/dev/null 2>&1`;

export const heketiService = defineStep({
  id: 'heketi-service',
  title: 'Start Heketi',
  about:
    'Writes heketi.json with keys that are made on the node and never leave it (mode 0600), its environment file and its unit, starts it, and waits until it answers.',
  want: Want,

  jobs: ({ heketi: { server } }) =>
    server === undefined
      ? []
      : [
          {
            node: server.node,
            want: { port: server.port, archive: server.archive !== null, user: server.ssh.user, sshPort: server.ssh.port },
          },
        ],

  facts: ({ port, archive }: Want) => ({
    service: service(UNIT),
    config: heketiConfig,
    environment: fileState(ENVIRONMENT),
    unit: fileState(UNIT_FILE),
    fresh: heketiFresh([programs(archive ? {} : null).server, CONFIG, ENVIRONMENT, UNIT_FILE, KEY]),
    state: heketiState(port),
  }),

  plan(want, is) {
    const now = is.service;
    if (now === null)
      throw new CannotPlan({
        check: 'no-systemd',
        what: 'Heketi cannot be run here: systemd does not run',
        next: 'choose another server for heketi.node',
      });
    if (now.load === 'masked') throw new CannotPlan(masked(UNIT));
    const { server } = programs(want.archive ? {} : null);
    const text = { environment: environmentText(want), unit: unitText(server) };
    const changes: Change[] = [
      ...configChange(configText(want), is.config),
      ...(is.environment.text === text.environment ? [] : [writeFile(ENVIRONMENT, text.environment, is.environment)]),
      ...(is.unit.text === text.unit ? [] : [writeFile(UNIT_FILE, text.unit, is.unit)]),
    ].map((change) => restartedByUndo(UNIT, change));
    if (now.file !== 'enabled')
      changes.push({
        id: 'enable',
        title: 'start Heketi at every boot',
        risk: 'safe',
        do: sh`systemctl daemon-reload && systemctl enable -- ${UNIT}`,
        undo: sh`! systemctl cat ${UNIT} >/dev/null 2>&1 || systemctl disable -- ${UNIT}`,
        verify: sh`[ "$(systemctl is-enabled -- ${UNIT})" = enabled ]`,
      });
    const runs = now.active === 'active';
    if (changes.length > 0 || !runs || !is.fresh || is.state.nodes === null) {
      const check = answers(want.port);
      changes.push({
        id: 'start',
        title: runs ? 'restart Heketi' : 'start Heketi',
        risk: runs ? 'disruptive' : 'safe',
        do: sh`
          set -eu
          systemctl daemon-reload
          systemctl restart ${UNIT} || :
          end=$(($(date +%s) + ${PATIENCE}))
          until (
          ${check}
          ); do
            if [ "$(date +%s)" -ge "$end" ] || systemctl is-failed -q ${UNIT}; then
              { echo 'Heketi does not answer; it said:'; journalctl --no-pager -q -o cat -u ${UNIT} -n 6; } >&2
              exit 1
            fi
            sleep 1
          done`,
        undo: runs ? 'nothing' : sh`! systemctl cat ${UNIT} >/dev/null 2>&1 || systemctl stop -- ${UNIT}`,
        verify: sh`
          systemctl is-active -q ${UNIT} || exit 1
          ${check}`,
      });
    }
    return changes;
  },
});
