import { type Command, Option } from 'commander';
import { port, RISKS, repeatable, risk } from './flags.ts';
import { examples, verb } from './verb.ts';

/** Its flags answer what the wizard asks, so there are many. */
export const addInit = (program: Command): void => {
  examples(
    program
      .command('init')
      .description('ask a few questions, look at the hosts, write cluster.yaml; without a terminal flags answer')
      .option('-o, --out <file>', 'the file to write (default: what --config names, else ./cluster.yaml)')
      .option('--dry-run', 'print the file instead of writing it; nothing is asked')
      .option('--force', 'replace a file that is there')
      .option('--offline', 'do not look at the hosts')
      .option('--from-live', 'describe the pool that these nodes are in')
      .option('--from-kubectl', 'the hosts are the nodes of Kubernetes: names, internal addresses and zones')
      .addOption(repeatable('--node <name=address>', 'a host that carries bricks: NAME=ADDRESS, NAME, ranges such as node[1-3]'))
      .addOption(repeatable('--client <name=address>', 'a host that mounts the volume; a --node may be named too'))
      .option('--kubernetes', 'hand the volume to Kubernetes')
      .option('--mount-path <path>', 'where the volume is mounted (default: /mnt/VOLUME)')
      .option('--name <name>', 'name of the cluster (default: gluster)')
      .option('--user <user>', 'who logs in (default: what ~/.ssh/config says)')
      .addOption(new Option('--port <n>', 'port of sshd').argParser(port))
      .option('--identity-file <file>', 'private key (default: the agent, then ~/.ssh/config)')
      .option('--known-hosts <file>', 'file with the host keys that are trusted')
      .addOption(new Option('--host-keys <how>', 'what to do with unknown host keys').choices(['strict', 'accept-new']))
      .option('--jump <user@host:port>', 'jump host, or a chain of them separated by commas')
      .addOption(repeatable('--storage <node=address>', 'address of a node on the storage network'))
      .addOption(repeatable('--zone <node=zone>', 'nodes of one zone fail together'))
      .option('--gluster-version <version>', 'a release such as 10.3, or a series such as 10')
      .addOption(new Option('--source <source>', 'where packages come from').choices(['upstream', 'distro', 'ppa', 'centos-sig', 'mirror']))
      .option('--mirror <url>', "a tree laid out like upstream's")
      .option('--key <file>', "the mirror's signing key, a file or https URL")
      .option('--fingerprint <fingerprint>', 'fingerprint of that key')
      .addOption(repeatable('--disk <node:device>', 'a disk for bricks, by device, serial or WWN; without NODE on every node'))
      .addOption(repeatable('--brick-path <node:path>', 'a folder for bricks; without NODE on every node'))
      .option('--volume <name>', 'name of the volume (default: gv0)')
      .addOption(new Option('--type <type>', 'how the volume keeps data').choices(['distribute', 'replicate', 'arbiter', 'disperse']))
      .option('--replica <n>', 'copies; of a disperse volume DATA+REDUNDANCY, such as 4+2')
      .addOption(new Option('--allow <risk>', 'take a risk knowingly (repeatable)').choices(RISKS).argParser(risk))
      .action(verb(() => import('../commands/init.ts'))),
    'glusterctl init',
    'glusterctl init --node node-[1-3]=192.0.2.[11-13] --brick-path /data/brick1',
    'glusterctl init --offline --node node-[1-3]=192.0.2.[11-13] --gluster-version 10 --brick-path /data/brick1 --dry-run',
    'glusterctl init --from-live --node node-1=192.0.2.11 -o live.yaml',
  );
};
