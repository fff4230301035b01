import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../helpers/debian.ts';
import type { Lab } from '../lab/index.ts';
import type { Command } from './pair.ts';

/** Debian's ansible brings the gluster.gluster collection along. */
const needAnsible = (): void => ensure('the benchmark', { 'ansible-playbook': 'ansible' });

/** The state that glusterctl's plan looks at, written as an Ansible user would: one playbook, pipelining on. */
const playbook = (lab: Lab): string => {
  const hosts = lab.nodes.map((n) => `${n.address} ${n.name}`).join('\\n');
  return `
- hosts: nodes
  gather_facts: true
  tasks:
    - blockinfile: { path: /etc/hosts, marker: "# {mark} glusterctl ${lab.name}", block: "${hosts}" }
    - stat: { path: /etc/apt/keyrings }
    - copy: { dest: /etc/apt/preferences.d/bench, content: "Package: src:glusterfs\\nPin: version 10.3-*\\nPin-Priority: 1001\\n" }
    - apt: { name: [glusterfs-server, glusterfs-client, glusterfs-common, glusterfs-cli], state: present }
    - dpkg_selections: { name: glusterfs-server, selection: hold }
    - copy: { dest: /etc/modules-load.d/bench.conf, content: "fuse\\n" }
    - systemd: { name: glusterd, enabled: true, state: started }
    - file: { path: /data/brick1/gv0, state: directory }
- hosts: node-1
  gather_facts: false
  tasks:
    - gluster.gluster.gluster_peer: { state: present, nodes: [${lab.nodes.map((n) => n.name).join(', ')}] }
    - gluster.gluster.gluster_volume: { state: present, name: gv0, bricks: /data/brick1/gv0, replicas: 3, cluster: [${lab.nodes.map((n) => n.name).join(', ')}] }
`;
};

/** Writes inventory, settings and playbook below `dir`, runs it twice (the second must change nothing), and gives the command. */
export const ansiblePlaybook = async (lab: Lab, dir: string): Promise<Command> => {
  needAnsible();
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const [first] = lab.nodes;
  const common = lab
    .sshArgs(first?.name ?? '')
    .slice(0, -1)
    .join(' ');
  const inventory = file(
    'inventory',
    `[nodes]\n${lab.nodes.map((n) => `${n.name} ansible_host=${n.address}`).join('\n')}\n[nodes:vars]\nansible_user=root\nansible_python_interpreter=/usr/bin/python3\n`,
  );
  const cfg = file(
    'ansible.cfg',
    `[defaults]\nhost_key_checking = True\ninterpreter_python = /usr/bin/python3\n[ssh_connection]\npipelining = True\nssh_args = ${common} -o ControlMaster=auto -o ControlPersist=60s\n`,
  );
  const argv = ['ansible-playbook', '-i', inventory, file('site.yml', playbook(lab))];
  const env = { ANSIBLE_CONFIG: cfg, ANSIBLE_NOCOLOR: '1', LC_ALL: 'C.UTF-8' };
  const twice = [0, 1].map(() => spawnSync(argv[0] ?? '', argv.slice(1), { env: { ...process.env, ...env }, encoding: 'utf8' }));
  const last = twice[1];
  if (last?.status !== 0) throw new Error(`ansible-playbook failed:\n${last?.stdout}\n${last?.stderr}`);
  if (/changed=[1-9]/.test(last.stdout)) throw new Error(`the playbook is not converged on its second run:\n${last.stdout}`);
  return { argv, env };
};
