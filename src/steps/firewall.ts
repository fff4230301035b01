import { brickPorts } from '../facts/brick-ports.ts';
import { fileState } from '../facts/file.ts';
import { names } from '../facts/names.ts';
import { firewall as firewallFact } from '../facts/security.ts';
import { CannotPlan, defineStep } from '../model/step.ts';
import { firewalld, planFirewalld, recordOf } from './firewall/firewalld.ts';
import { CONF, nftables, planNftables } from './firewall/nftables.ts';
import { planUfw, ufw } from './firewall/ufw.ts';
import { isAddress, openingOf, Want } from './firewall/wish.ts';

export const firewall = defineStep({
  id: 'firewall',
  title: "Open Gluster's ports",
  about:
    "Opens glusterd's port and those of bricks on servers, and Heketi's where it runs, to the nodes of the file only, in firewalld, ufw or nftables, whichever is at work; never switches one on or off.",
  want: Want,

  jobs: ({ name, nodes, gluster, firewall, heketi }) => {
    const sources = [...new Set(nodes.map(({ storage }) => storage))];
    const servers = firewall === 'leave' ? [] : nodes.filter(({ roles }) => roles.includes('server'));
    return servers.map((node) => ({
      node: node.name,
      want: {
        cluster: name,
        own: node.storage,
        sources,
        maxPort: gluster.maxPort ?? null,
        ...(heketi.server?.node === node.name && { heketi: heketi.server.port }),
      },
    }));
  },

  facts: ({ cluster, own, sources }: Want) => ({
    firewall: firewallFact,
    found: names(sources.filter((source) => !isAddress(source))),
    inUse: brickPorts,
    firewalld: firewalld(own),
    record: fileState(recordOf(cluster)),
    ufw,
    chains: nftables,
    conf: fileState(CONF[0]),
    confEl: fileState(CONF[1]),
  }),

  plan(want, is) {
    const { active } = is.firewall;
    if (active === null || active === 'iptables') return [];
    const opening = openingOf(want, is.found, is.inUse);
    if ('length' in opening) throw new CannotPlan(...opening);
    if (active === 'firewalld') return planFirewalld(want.cluster, opening, is.firewalld, is.record);
    if (active === 'nftables') {
      const [path, state] = is.confEl.text === null ? [CONF[0], is.conf] : [CONF[1], is.confEl];
      return planNftables(opening, is.chains, { path, state });
    }
    if (opening.v6.length > 0 && !is.ufw.v6) {
      throw new CannotPlan({
        check: 'firewall-ipv6',
        what: `ufw lets no IPv6 in, and the nodes have IPv6 addresses: ${opening.v6.join(', ')}`,
        next: 'set IPV6=yes in /etc/default/ufw on the node, then: ufw reload',
      });
    }
    return planUfw(opening, is.ufw);
  },

  notes(_want, { firewall }) {
    if (firewall.active !== 'iptables' && !firewall.foreignRules) return [];
    return ['it filters by iptables rules, which glusterctl does not change; glusterctl check tells whether they let Gluster through'];
  },
});
