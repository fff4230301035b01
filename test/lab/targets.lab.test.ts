import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTargets, type Targets } from './index.ts';
import { run } from './run.ts';

let many: Targets;

beforeAll(async () => {
  many = await openTargets({ name: 'targets-test', count: 300 });
}, 600_000);

afterAll(async () => {
  await many?.down();
});

test('every target answers by its own address with its own name', async () => {
  for (const { name, address } of [many.targets[0], many.targets[255], many.targets[299]].filter((one) => one !== undefined)) {
    const { stdout } = await run('ssh', [...many.sshArgs(address), 'hostname; cat'], { input: 'stdin\n', timeoutMs: 10_000 });
    expect(stdout).toBe(`${name}\nstdin\n`);
  }
  expect(many.targets).toHaveLength(300);
});

test('they look like Debian servers without GlusterFS', async () => {
  const { stdout } = await run('ssh', [...many.sshArgs(many.targets[6]?.address ?? ''), 'sh', '-s'], {
    input: '. /etc/os-release; echo $ID $VERSION_ID; dpkg -l glusterfs-server >/dev/null 2>&1; echo $?; id -un; echo "a  b"\n',
    timeoutMs: 10_000,
  });
  expect(stdout).toBe('debian 12\n1\nroot\na  b\n');
});
