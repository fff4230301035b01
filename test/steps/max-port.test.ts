import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sh } from '../../src/sh.ts';
import { maxPort } from '../../src/steps/max-port.ts';
import { cluster, file, gluster, node, run } from './answers.ts';

type Is = Parameters<typeof maxPort.plan>[1];

/** As glusterfs-server 10.3-5 of Debian ships it. */
const VOLFILE = `volume management
    type mgmt/glusterd
    option working-directory /var/lib/glusterd
    option transport.socket.keepalive-time 10
#   option base-port 49152
    option max-port  60999
end-volume
`;
const is = (text: string | null, more: Partial<Is> = {}): Is => ({
  file: file(text),
  glusterd: null,
  unread: false,
  inUse: new Set(),
  ...more,
});
const active = { load: 'loaded', active: 'active', sub: 'running', file: 'enabled', path: '/x' };

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-vol-'));
  path = join(dir, 'glusterd.vol');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The step's own scripts on a file of the test; there is no glusterd to be restarted. */
const here = (script: Sh | 'nothing' | undefined) => {
  const text = `systemctl() { return 3; }\n${String(script).replaceAll('/etc/glusterfs/glusterd.vol', path)}`;
  return run(Sh.raw(text.replaceAll('chown 0:0', 'true')));
};

const want = { maxPort: 49400, container: false };

describe('the step max-port', () => {
  it('is for servers, where the file gives a port', () => {
    const nodes = [node('a'), node('b', { roles: ['client'] })];
    expect(maxPort.jobs(cluster({ nodes }))).toEqual([]);
    expect(maxPort.jobs(cluster({ nodes, gluster: gluster({ maxPort: 49400 }) }))).toEqual([{ node: 'a', want }]);
  });

  it.each([
    ['as it is shipped', VOLFILE],
    ['without the option', VOLFILE.replace(/ {4}option max-port.*\n/, '')],
    ['with the option twice', VOLFILE.replace('end-volume', '    option max-port 50000\nend-volume')],
  ])('sets it once in a file %s, and puts the file back', (_name, text) => {
    writeFileSync(path, text);
    const [change] = maxPort.plan(want, is(text));
    expect(here(change?.verify).code).not.toBe(0);
    expect(here(change?.do)).toMatchObject({ code: 0, stderr: '' });
    const after = readFileSync(path, 'utf8');
    expect(after.match(/max-port/g)).toHaveLength(1);
    expect(after).toContain('    option max-port  49400\nend-volume\n');
    expect(after).toContain('#   option base-port 49152');
    expect(here(change?.verify).code).toBe(0);
    expect(maxPort.plan(want, is(after))).toEqual([]);
    expect(here(change?.undo)).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is the same deed before the package is there and after, so that a plan holds', () => {
    const [before, after] = [null, VOLFILE].map((text) => maxPort.plan(want, is(text))[0]);
    expect(before?.do.text).toBe(after?.do.text);
    expect(before?.risk).toBe('safe');
  });

  it('restarts a glusterd that runs, also one that has not read the file since', () => {
    const set = VOLFILE.replace('60999', '49400');
    expect(maxPort.plan(want, is(set, { glusterd: active }))).toEqual([]);
    const [change] = maxPort.plan(want, is(set, { glusterd: active, unread: true }));
    expect(change?.risk).toBe('disruptive');
    expect(change?.do.text).toContain('systemctl restart');
  });

  it('leaves the restart of a container to the step that takes one server at a time', () => {
    const contained = { ...want, container: true };
    const set = VOLFILE.replace('60999', '49400');
    expect(maxPort.plan(contained, is(set, { glusterd: active, unread: true }))).toEqual([]);
    const [change] = maxPort.plan(contained, is(VOLFILE, { glusterd: active }));
    expect(change?.risk).toBe('safe');
    expect(JSON.stringify(change)).not.toContain('systemctl restart');
  });

  it('says which bricks listen beyond it', () => {
    expect(maxPort.notes?.(want, is(VOLFILE, { inUse: new Set([49200, 51000]) }))).toEqual([expect.stringContaining('51000')]);
    expect(maxPort.notes?.(want, is(VOLFILE))).toEqual([]);
  });
});
