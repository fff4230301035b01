import { type Check, refused } from './check.ts';

export const heketiChecks: readonly Check[] = [
  refused({
    id: 'heketi-package',
    title: 'The system has no package of Heketi',
    cause: 'only relatives of Red Hat Enterprise Linux have one',
    remedy: 'give a release archive: heketi.archive, and heketi.sha256 with its checksum',
  }),
  refused({
    id: 'heketi-foreign',
    title: 'Another Heketi is installed where the archive would be unpacked',
    cause: 'somebody put heketi or heketi-cli into /usr/local/bin',
    remedy: 'move them away; the database and the settings stay',
  }),
  refused({
    id: 'heketi-device',
    title: 'A disk cannot be given to Heketi',
    cause: "it has no name that stays through reboots, or it carries another Heketi's LVM group",
    remedy: 'give it a link: in cluster.yaml; or take the group off when nothing of it is needed',
  }),
];
