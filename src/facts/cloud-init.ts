import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** rewritten: /etc/hosts is made anew from a template at every boot. localhost: a line 127.0.1.1 is kept in it. no: left alone. */
export type CloudInitHosts = 'rewritten' | 'localhost' | 'no';

/**
 * What cloud-init does with /etc/hosts: `manage_etc_hosts`, of which the last one counts in the order system, vendor,
 * user. (cloud-init docs, modules, "Update Etc Hosts")
 */
export const cloudInitHosts: Fact<CloudInitHosts> = {
  id: 'cloud-init-hosts',
  read: sh`
    command -v cloud-init >/dev/null && [ ! -e /etc/cloud/cloud-init.disabled ] || exit 0
    i=/var/lib/cloud/instance
    cat /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg $i/vendor-cloud-config.txt $i/vendor2-cloud-config.txt $i/cloud-config.txt |
      sed -n 's/^manage_etc_hosts: *//p' | tail -n 1`,
  parse: ({ stdout }) => {
    const value = stdout.replace(/#.*/, '').replace(/["']/g, '').trim().toLowerCase();
    if (value === 'localhost') return 'localhost';
    return ['true', 'yes', 'on', 'template'].includes(value) ? 'rewritten' : 'no';
  },
};
