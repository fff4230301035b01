import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { attachVms, type DiskSpec, downVms, type Image, labNames, openVms, type VmLab } from './index.ts';
import { say } from './run.ts';
import { interactive } from './ssh.ts';

const USAGE = `Usage: npm run lab:vm -- COMMAND [options]

  up                boot machines and keep them running; their state is saved for "reset"
      --count N       machines, 1 by default
      --image NAME    gluster (default: glusterfs-server and the LVM tools are installed) or bare
      --memory MIB    for each machine, 1024 by default
      --disk SPEC     SIZE[:SERIAL[:BUS]], may be repeated: MiB; # in the serial becomes the node's number;
                      bus virtio or cloud-volume
  ssh [NODE] [-- COMMAND]
                    a shell, or one command, on a node (node-1 by default)
      --user NAME     root (default) or ops
  reset             all machines back to where "up" left them, in seconds
  yaml              a cluster.yaml for the machines
  list              labs, their machines, ports and addresses
  down [--all]      stop the machines and remove them

  --name NAME       the lab, "dev" by default
`;

const FRESH = 'fresh';

const disk = (spec: string): DiskSpec => {
  const [size = '', serial = '', bus = 'virtio'] = spec.split(':');
  if (!/^[1-9][0-9]*$/.test(size)) throw new Error(`--disk ${spec}: the size in MiB comes first`);
  if (bus !== 'virtio' && bus !== 'cloud-volume') throw new Error(`--disk ${spec}: the bus is virtio or cloud-volume`);
  return { size: Number(size), bus, serial: serial === '' ? null : serial };
};

const image = (name: string): Image => {
  if (name !== 'bare' && name !== 'gluster') throw new Error(`--image ${name}: bare or gluster`);
  return name;
};

const describe = (lab: VmLab): string =>
  lab.nodes
    .map((n) => `${lab.name} ${n.name} ${n.running ? 'running' : 'off'} ssh 127.0.0.1:${n.sshPort} storage ${n.storage} log ${n.log}\n`)
    .join('');

const main = async (): Promise<number> => {
  const all = process.argv.slice(2);
  const end = all.includes('--') ? all.indexOf('--') : all.length;
  const { values, positionals } = parseArgs({
    args: all.slice(0, end),
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'dev' },
      count: { type: 'string', default: '1' },
      image: { type: 'string', default: 'gluster' },
      memory: { type: 'string', default: '1024' },
      disk: { type: 'string', multiple: true, default: [] },
      user: { type: 'string', default: 'root' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, ...rest] = positionals;
  const { name } = values;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  switch (command) {
    case 'up': {
      const [count, memory] = [Number(values.count), Number(values.memory)];
      const lab = await openVms({ name, count, memory, image: image(values.image), disks: values.disk.map(disk) });
      await lab.snapshot(FRESH);
      process.stdout.write(describe(lab));
      return 0;
    }
    case 'ssh': {
      const node = rest[0] ?? 'node-1';
      const { login } = (await attachVms(name)).node(node);
      const user = values.user === 'ops' ? 'ops' : 'root';
      return spawnSync('ssh', [...interactive(login, user), ...all.slice(end + 1)], { stdio: 'inherit' }).status ?? 255;
    }
    case 'reset':
      await (await attachVms(name)).restore(FRESH);
      return 0;
    case 'yaml':
      process.stdout.write((await attachVms(name)).clusterYaml());
      return 0;
    case 'list':
      for (const lab of labNames()) process.stdout.write(describe(await attachVms(lab)));
      return 0;
    case 'down':
      for (const lab of values.all ? labNames() : [name]) await downVms(lab);
      return 0;
    default:
      process.stderr.write(USAGE);
      return 2;
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
