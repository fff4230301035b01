import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { down, openLab } from './lab/index.ts';

/** `npm run demo`: three real nodes on this machine, from bare to a mounted volume, and one file through two of them. */
const NAME = 'demo';

const bold = (text: string): string => (process.stderr.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const say = (text: string): void => void process.stderr.write(`\n${bold(`# ${text}`)}\n`);

const main = async (): Promise<number> => {
  const began = performance.now();
  await down(NAME);
  say('Booting three nodes, each with its own systemd, sshd and disks (the first time this builds their image and package mirror)');
  const lab = await openLab({ name: NAME, keep: true });
  const ready = performance.now();

  const config = join(lab.dir, 'cluster.yaml');
  const state = join(lab.dir, 'state');
  mkdirSync(state, { recursive: true });
  writeFileSync(
    config,
    lab.clusterYaml({ clients: true, extra: 'mounts:\n  - { volume: gv0, path: /mnt/gv0, nodes: [node-1, node-2, node-3] }' }),
  );

  const glusterctl = (...args: string[]): void => {
    process.stderr.write(`\n$ glusterctl ${args.join(' ')}\n`);
    const options = { stdio: 'inherit' as const, env: { ...process.env, GLUSTERCTL_CONFIG: config, GLUSTERCTL_STATE_DIR: state } };
    const { status } = spawnSync(process.execPath, ['bin/glusterctl.js', ...args], options);
    if (status !== 0) throw new Error(`glusterctl ${args.join(' ')} ended with exit code ${status}`);
  };
  const on = async (node: string, script: string): Promise<string> => {
    process.stderr.write(`\n${node}$ ${script}\n`);
    const { stdout, stderr, code } = await lab.node(node).exec(script);
    if (code !== 0) throw new Error(`${node}: ${script}: ${stderr}`);
    process.stdout.write(stdout);
    return stdout;
  };

  say('The cluster file');
  process.stderr.write(lab.clusterYaml({ clients: true }));
  glusterctl('validate');
  say('What would be done');
  glusterctl('plan');
  say('Doing it');
  glusterctl('apply', '--yes');
  say('A second time: nothing is left to do');
  glusterctl('apply', '--yes');
  glusterctl('status');
  say('A file written through node-1 and read through node-3');
  await on('node-1', 'echo "written through node-1" >/mnt/gv0/hello.txt');
  const read = await on('node-3', 'cat /mnt/gv0/hello.txt');
  if (read !== 'written through node-1\n') throw new Error(`node-3 reads ${JSON.stringify(read)}`);

  const seconds = (from: number, to: number) => Math.round((to - from) / 1000);
  say(`Done: nodes ready after ${seconds(began, ready)} s, the rest took ${seconds(ready, performance.now())} s`);
  process.stderr.write(`
Look around:      npm run lab -- ssh --name ${NAME} node-1
Use glusterctl:   export GLUSTERCTL_CONFIG=${config} GLUSTERCTL_STATE_DIR=${state}
                  node bin/glusterctl.js status
Undo it all:      npm run lab -- ssh --name ${NAME} node-1 rm /mnt/gv0/hello.txt && node bin/glusterctl.js rollback
                  (a volume that holds files is never removed by rollback)
Take it down:     npm run lab -- down --name ${NAME}
`);
  return 0;
};

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`\nerror: the demo stopped: ${error.message}\n  next: npm run lab -- down --name ${NAME}   takes its nodes down\n`);
  return 1;
});
