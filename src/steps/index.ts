import type { Step } from '../model/step.ts';
import { aptPackages } from './apt-packages.ts';
import { aptRepository } from './apt-repository.ts';
import { brickDirectory } from './brick-directory.ts';
import { containerEngine } from './container-engine.ts';
import { containerImage } from './container-image.ts';
import { containerRestart } from './container-restart.ts';
import { containerService } from './container-service.ts';
import { deadPeer } from './dead-peer.ts';
import { diskLink } from './disk-link.ts';
import { diskMount } from './disk-mount.ts';
import { diskRaw } from './disk-raw.ts';
import { diskSharing } from './disk-sharing.ts';
import { diskThin } from './disk-thin.ts';
import { diskXfs } from './disk-xfs.ts';
import { dnfPackages } from './dnf-packages.ts';
import { dnfRepository } from './dnf-repository.ts';
import { firewall } from './firewall.ts';
import { glusterd } from './glusterd.ts';
import { heketiInstall } from './heketi-install.ts';
import { heketiKey } from './heketi-key.ts';
import { heketiLogin } from './heketi-login.ts';
import { heketiService } from './heketi-service.ts';
import { heketiTopology } from './heketi-topology.ts';
import { hosts } from './hosts.ts';
import { kernelModules } from './kernel-modules.ts';
import { maxPort } from './max-port.ts';
import { mount } from './mount.ts';
import { peers } from './peers.ts';
import { rejoin } from './rejoin.ts';
import { rejoinIdentity } from './rejoin-identity.ts';
import { replace } from './replace.ts';
import { selinux } from './selinux.ts';
import { selinuxLabels } from './selinux-labels.ts';
import { storagePackages } from './storage-packages.ts';
import { time } from './time.ts';
import { versions } from './versions.ts';
import { volume } from './volume.ts';

/** Every step there is, in the order in which they usually run. What runs when is said in playbooks/. */
export const steps: readonly Step[] = [
  hosts,
  time,
  versions,
  aptRepository,
  dnfRepository,
  aptPackages,
  dnfPackages,
  selinux,
  storagePackages,
  containerEngine,
  containerImage,
  kernelModules,
  diskSharing,
  diskLink,
  diskThin,
  diskXfs,
  diskRaw,
  diskMount,
  containerService,
  maxPort,
  firewall,
  containerRestart,
  glusterd,
  brickDirectory,
  selinuxLabels,
  deadPeer,
  peers,
  replace,
  rejoinIdentity,
  rejoin,
  volume,
  mount,
  heketiInstall,
  heketiKey,
  heketiLogin,
  heketiService,
  heketiTopology,
];

const byId = new Map(steps.map((step) => [step.id, step]));

/** Throws when there is no such step: a playbook that is shipped is wrong then. */
export const stepById = (id: string): Step => {
  const step = byId.get(id);
  if (!step) throw new Error(`there is no step ${id}`);
  return step;
};
