import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askSshConfig, parseSshConfig, type SshConfig } from '../../src/transport/ssh-config.ts';
import { parseHop } from '../../src/transport/target.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync('/tmp/gct-config-');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ask = (config: string, host = 'web1'): SshConfig => {
  const file = join(dir, 'config');
  writeFileSync(file, config);
  const { stdout, stderr } = spawnSync('ssh', ['-F', file, '-G', host], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return parseSshConfig(stdout, host, '/home/me', 'me');
};

test('what the real ssh -G prints is understood', () => {
  const config = ask(`Host web1
  HostName 192.0.2.7
  User ops
  Port 2222
  IdentityFile ~/.ssh/one
  IdentityFile %d/keys/%r@%h
  IdentityAgent /run/agent.sock
  IdentitiesOnly yes
  ProxyJump me@bastion:22,[2001:db8::1]:2200
  UserKnownHostsFile /a/b /c/d
  GlobalKnownHostsFile none
  HostKeyAlias node-one
`);
  expect(config).toMatchObject({
    hostname: '192.0.2.7',
    user: 'ops',
    port: 2222,
    identitiesOnly: true,
    proxyCommand: null,
    hostKeyAlias: 'node-one',
  });
  expect(config.identityFiles).toEqual(['/home/me/.ssh/one', '/home/me/keys/ops@192.0.2.7']);
  expect(config.identityAgent).toBe('/run/agent.sock');
  expect(config.jump).toBe('me@bastion:22,[2001:db8::1]:2200');
  expect(config.knownHosts).toEqual(['/a/b', '/c/d']);
});

test('an empty configuration gives ssh’s own defaults', () => {
  const config = ask('');
  expect(config).toMatchObject({
    hostname: 'web1',
    port: 22,
    identityAgent: null,
    identitiesOnly: false,
    jump: null,
    proxyCommand: null,
    hostKeyAlias: null,
  });
  expect(config.identityFiles).toContain('/home/me/.ssh/id_ed25519');
  expect(config.knownHosts).toContain('/etc/ssh/ssh_known_hosts');
});

test.each([
  ['IdentityAgent none', { identityAgent: 'none' }],
  ['IdentityAgent SSH_AUTH_SOCK', { identityAgent: null }],
  ['IdentityFile none', { identityFiles: [] }],
  ['ProxyJump none', { jump: null }],
  ['ProxyCommand nc %h %p', { proxyCommand: 'nc %h %p' }],
  ['UserKnownHostsFile none\nGlobalKnownHostsFile none', { knownHosts: [] }],
])('%s', (line, expected) => {
  expect(ask(`${line}\n`)).toMatchObject(expected);
});

test('without an ssh program there is no answer, and no error', async () => {
  const path = process.env.PATH;
  process.env.PATH = dir;
  try {
    expect(await askSshConfig('web1', { user: null, port: null }, '/home/me', 'me')).toBeNull();
  } finally {
    process.env.PATH = path;
  }
});

test.each([
  ['bastion', { user: null, host: 'bastion', port: null }],
  ['ops@bastion:22', { user: 'ops', host: 'bastion', port: 22 }],
  [' a@b@bastion ', { user: 'a@b', host: 'bastion', port: null }],
  ['[2001:db8::1]:2200', { user: null, host: '2001:db8::1', port: 2200 }],
  ['ops@2001:db8::1', { user: 'ops', host: '2001:db8::1', port: null }],
  ['ssh://ops@bastion:2200', { user: 'ops', host: 'bastion', port: 2200 }],
])('jump host %s', (text, hop) => {
  expect(parseHop(text)).toEqual(hop);
});

test.each(['', 'ops@', ':22'])('%j is no jump host', (text) => {
  expect(() => parseHop(text)).toThrow('is no jump host');
});
