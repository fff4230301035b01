import { z } from 'zod';
import { writeFile } from '../change.ts';
import { brickPorts } from '../facts/brick-ports.ts';
import { fileState } from '../facts/file.ts';
import { service } from '../facts/services.ts';
import type { Fact } from '../model/fact.ts';
import { defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { run } from './glusterd.ts';

const VOLFILE = '/etc/glusterfs/glusterd.vol';
const OPTION = /^[ \t]*option[ \t]+max-port[ \t]+(\d+)[ \t]*$/m;

const Want = z.strictObject({
  maxPort: z.number().describe('Highest port that glusterd gives to bricks'),
  container: z.boolean().describe('It runs in a container, whose restart stops bricks: that is left to the step container-restart'),
});

/** The highest port that a glusterd.vol names; null where it names none, or is not there. */
export const maxPortIn = (text: string | null): number | null => {
  const port = OPTION.exec(text ?? '')?.[1];
  return port === undefined ? null : Number(port);
};

/** glusterd reads the file when it starts, and writes its pid then. */
const unread: Fact<boolean> = {
  id: 'glusterd-vol-unread',
  read: sh`[ -e /run/glusterd.pid ] && [ ${VOLFILE} -nt /run/glusterd.pid ]`,
  parse: ({ code }) => code === 0,
};

const restart = sh`
  if systemctl is-active -q glusterd.service; then
  ${run('restart')}
  fi`;

export const maxPort = defineStep({
  id: 'max-port',
  title: "Narrow the bricks' ports",
  about:
    'Sets max-port in glusterd.vol on servers, where gluster.maxPort is given; bricks that run keep their ports until they are started anew.',
  want: Want,

  jobs: ({ nodes, gluster: { maxPort, container } }) =>
    nodes.flatMap(({ name: node, roles }) =>
      maxPort === undefined || !roles.includes('server') ? [] : [{ node, want: { maxPort, container: container !== undefined } }],
    ),

  facts: () => ({ file: fileState(VOLFILE), glusterd: service('glusterd.service'), unread, inUse: brickPorts }),

  /** Before the package is there nobody knows what the file will hold: the deed does not depend on it, and the undo is made when it is there. */
  plan({ maxPort, container }, { file, glusterd, unread }) {
    if (maxPortIn(file.text) === maxPort && (container || !unread)) return [];
    const read = container ? sh`:` : restart;
    const was = file.text === null ? null : writeFile(VOLFILE, file.text, file);
    const line = `    option max-port  ${maxPort}`;
    return [
      {
        id: 'max-port',
        title: `give bricks ports up to ${maxPort} only`,
        risk: !container && glusterd?.active === 'active' ? 'disruptive' : 'safe',
        do: sh`
          set -eu
          [ -f ${VOLFILE} ] || { echo ${`${VOLFILE} is not there`} >&2; exit 1; }
          sed ${`/^[ \t]*option[ \t][ \t]*max-port[ \t]/d;s/^[ \t]*end-volume/${line}\\n&/`} ${VOLFILE} >${`${VOLFILE}.glusterctl`}
          chmod --reference=${VOLFILE} ${`${VOLFILE}.glusterctl`}
          mv -f -- ${`${VOLFILE}.glusterctl`} ${VOLFILE}
          ${read}`,
        undo:
          was === null
            ? 'nothing'
            : sh`
              set -eu
              (
              ${was.do}
              )
              ${read}`,
        verify: sh`
          grep -qx ${`[ \t]*option[ \t][ \t]*max-port[ \t][ \t]*${maxPort}[ \t]*`} ${VOLFILE} || exit 1
          ${container ? sh`:` : sh`! systemctl is-active -q glusterd.service || [ ! ${VOLFILE} -nt /run/glusterd.pid ]`}`,
      },
    ];
  },

  notes({ maxPort: last }, { inUse }) {
    const beyond = [...inUse].filter((port) => port > last).sort();
    if (beyond.length === 0) return [];
    return [
      `bricks still listen on ${beyond.join(', ')}, beyond gluster.maxPort, and keep these ports until they are started anew; the firewall lets them`,
    ];
  },
});
