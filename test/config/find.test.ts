import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { findCluster, readClusterText } from '../../src/config/find.ts';
import { ClusterFileError } from '../../src/config/problem.ts';
import { ConfigError } from '../../src/errors.ts';
import { fixture } from './fixtures.ts';

const dir = mkdtempSync(join(tmpdir(), 'glusterctl-find-'));
afterAll(() => rmSync(dir, { recursive: true }));

const minimal = fixture('good', 'minimal.yaml');
const named = (name: string) => minimal.replace('name: prod', `name: ${name}`);
for (const folder of ['full', 'empty', 'full/below']) mkdirSync(join(dir, folder));
writeFileSync(join(dir, 'full', 'cluster.yaml'), named('default'));
writeFileSync(join(dir, 'full', 'flag.yaml'), named('flag'));
writeFileSync(join(dir, 'full', 'env.yaml'), named('env'));
writeFileSync(join(dir, 'full', 'latin1.yaml'), Buffer.from(`${minimal}# caf\xe9\n`, 'latin1'));

const io = (cwd: string, stdin = '') => ({ cwd: join(dir, cwd), stdin: Readable.from([Buffer.from(stdin)]) });
const env = (config: string | null = null) => ({ config, home: '/home/ops' });

describe('which file', () => {
  test('the flag, then the environment, then ./cluster.yaml', async () => {
    const nameOf = async (flag: string | null, variable: string | null) =>
      (await findCluster(flag, env(variable), io('full'))).cluster.name;
    expect(await nameOf('flag.yaml', 'env.yaml')).toBe('flag');
    expect(await nameOf(null, 'env.yaml')).toBe('env');
    expect(await nameOf(null, null)).toBe('default');
  });

  test('its path is absolute, and paths in it start at its folder', async () => {
    const { cluster, text } = await findCluster('../full/flag.yaml', env(), io('empty'));
    expect(cluster).toMatchObject({ file: join(dir, 'full', 'flag.yaml'), baseDir: join(dir, 'full') });
    expect(text).toBe(named('flag'));
  });

  test('- is stdin, and paths in it start where glusterctl was started', async () => {
    const { cluster } = await findCluster('-', env(), io('empty', named('piped')));
    expect(cluster).toMatchObject({ name: 'piped', file: '-', baseDir: join(dir, 'empty') });
  });

  test('folders above are not searched', async () => {
    const failed = findCluster(null, env(), io('full/below'));
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
    await expect(failed).rejects.toMatchObject({
      exit: 3,
      report: { what: expect.stringContaining('full/below/cluster.yaml'), next: expect.stringContaining('glusterctl init') },
    });
  });

  test('a folder, a file that is no text, a file with errors: each is said', async () => {
    await expect(findCluster('.', env(), io('full'))).rejects.toMatchObject({ exit: 3, report: { why: 'it is a folder' } });
    await expect(findCluster('latin1.yaml', env(), io('full'))).rejects.toMatchObject({
      exit: 3,
      report: { what: expect.stringContaining('not UTF-8') },
    });
    await expect(findCluster('-', env(), io('full', 'name: [\n'))).rejects.toBeInstanceOf(ClusterFileError);
  });

  test('text that was kept with a run is read as it was', () => {
    expect(readClusterText(named('kept'), { file: '/gone/cluster.yaml', baseDir: '/gone' })).toMatchObject({
      name: 'kept',
      file: '/gone/cluster.yaml',
    });
  });
});
