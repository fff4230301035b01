import { seriesOf } from '../gluster/release.ts';
import { type Check, groupsBy, onEachNode, refused, words } from './check.ts';

export const packages: readonly Check[] = [
  refused({
    id: 'source-unfit',
    title: 'The source has no packages for this system',
    cause: 'gluster.source names a place that builds for other distributions, releases or processors',
    remedy: "choose another gluster.source; the distribution's own packages are source: distro",
  }),
  refused({
    id: 'version-not-offered',
    title: 'The wanted version is not offered',
    cause: 'the repository does not have gluster.version, or the node knows an old list of what it has',
    remedy: 'choose a version that is offered, or another gluster.source',
  }),
  refused({
    id: 'version-path',
    title: 'The wanted version does not go with what runs',
    cause: 'the pool runs at a higher op-version, or the upgrade has to pass through another release',
    remedy: 'write down the version of the pool, or upgrade in the steps that the upgrade guides describe',
  }),
  refused({
    id: 'repository-unreadable',
    title: 'The repository cannot be read from the node',
    cause: 'the node may not go out, a proxy is missing, the name does not resolve, or the path has moved',
    remedy: 'try the address with curl on the node; or use a mirror (gluster.source: mirror)',
  }),
  refused({
    id: 'repository-twice',
    title: 'The repository is set up already, by somebody else',
    cause: 'apt refuses two entries for one repository that name different keys',
    remedy: 'remove the other entry',
  }),
  refused({
    id: 'signing-key',
    title: 'The signature of the repository is not good',
    cause: 'it is not signed, by another key, or by a key that this system no longer trusts (SHA-1, on Debian 13)',
    remedy: "take the distribution's packages, or give the right key and fingerprint; signatures are never switched off",
  }),
  refused({
    id: 'container-packages',
    title: 'GlusterFS from packages and from an image would meet on one node',
    cause:
      'glusterd, its unit or its command is there already, from packages or by another hand; or cluster.yaml wants packages where it runs in a container',
    remedy: 'decide for one of them; a package that is removed without purging leaves what glusterd keeps',
  }),
  refused({
    id: 'container-version',
    title: 'The image holds another version',
    cause: 'gluster.image and gluster.version do not go together, or the tag of the image has moved',
    remedy: 'name an image that has the version, by its digest',
  }),
  onEachNode(
    {
      id: 'repository-unsigned',
      title: "A repository's packages are taken without a signature",
      severity: 'warn',
      cause: 'trusted=yes or gpgcheck=0: whoever stands between can give the node any package',
      remedy: 'sign the repository and name its key, or remove it',
    },
    ({ repositories }) =>
      repositories.filter(({ enabled, unsigned }) => enabled && unsigned).map(({ file }) => `${file} takes packages without a signature`),
  ),
  onEachNode(
    {
      id: 'packages-locked',
      title: 'Somebody is installing packages right now',
      severity: 'warn',
      cause: 'automatic upgrades, or a person; a run waits two minutes for it',
      remedy: 'let it end; see: systemctl status apt-daily-upgrade unattended-upgrades dnf-automatic',
    },
    ({ packages: { lockedBy } }) => lockedBy !== null && `apt, dpkg or rpm is locked by process ${lockedBy}`,
  ),
  onEachNode(
    {
      id: 'packages-interrupted',
      title: 'An installation was interrupted',
      severity: 'warn',
      cause: 'dpkg or yum was stopped in the middle: a power cut, a full disk, or a killed session',
      remedy: 'a run completes it first; by hand: dpkg --configure -a, or yum-complete-transaction',
    },
    ({ packages: { interrupted } }) => interrupted && 'an installation of packages was never completed',
  ),
  {
    id: 'versions-mixed',
    title: 'The servers run different series of GlusterFS',
    severity: 'warn',
    cause: 'an upgrade was left half-way; such a pool works, but new features and new peers are refused',
    remedy: 'apply brings all of them to gluster.version; heal counts should be 0 before',
    evaluate: ({ nodes }) => {
      const by = groupsBy(nodes, ({ program: { version, server } }) => (server && version !== null ? seriesOf(version) : null));
      if (by.size < 2) return [];
      return [
        { node: null, what: [...by].map(([series, names]) => `${words(names)} ${names.length > 1 ? 'run' : 'runs'} ${series}`).join(', ') },
      ];
    },
  },
  {
    id: 'package-server',
    title: 'A package server does not answer',
    severity: 'warn',
    cause: 'the node may not go out, the name does not resolve, or the server is away',
    remedy: 'let the node reach it, set a proxy for apt or dnf, or use a mirror',
    evaluate: ({ paths }) =>
      paths
        .filter(({ what, reach }) => what === 'packages' && reach !== 'open' && reach !== 'unknown')
        .map(({ from, address, port, reach }) => ({
          node: from,
          what: `${address} port ${port} cannot be reached: ${reach === 'unresolvable' ? 'the name leads nowhere' : reach}`,
        })),
  },
];
