import { describe, expect, it } from 'vitest';
import { HEAD, load, nodesText, problemsOf } from './fixtures.ts';

const cluster = (gluster: string, rest = nodesText(3, 1)): string => `${HEAD}gluster: { version: "10.3", ${gluster} }\n${rest}`;
const contained = (image: string, rest?: string): string => cluster(`use: container, image: ${JSON.stringify(image)}`, rest);
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const said = (text: string): string[] => problemsOf(text).map(({ path, message, allowed }) => `${path}: ${message} ${allowed ?? ''}`);

describe('gluster.image', () => {
  it.each([
    'registry.example/gluster/gluster-centos:gluster4u1_centos7',
    `registry.example/glusterfs@${DIGEST}`,
    `registry.example:5000/a/b-c/d__e.f:10.3@${DIGEST}`,
    'localhost/glusterfs:10.3',
    'localhost:5000/glusterfs:10.3',
    'registry:5000/glusterfs:10.3',
  ])('takes %s', (image) => {
    expect(load(contained(image)).gluster.container).toEqual({
      image: image.includes('@') ? image.replace(':10.3@', '@') : image,
      engine: 'podman',
    });
  });

  it.each([
    'glusterfs:10.3',
    'gluster/glusterfs:10.3',
    'registry.example/glusterfs',
    'registry.example/GlusterFS:1',
    'registry.example/glusterfs:1 --privileged',
    '-v/:/host',
    '--rm',
    'registry.example/glusterfs:1;reboot',
    'registry.example/$(reboot):1',
    'registry.example/`reboot`:1',
    'registry.example/glusterfs:$USER',
    'registry.example/glusterfs:%n',
    "registry.example/glusterfs:1' ; reboot '",
    'registry.example/glusterfs:1\nExecStart=/bin/true',
    'registry.example/../glusterfs:1',
    'registry.example//glusterfs:1',
    'registry.example/-glusterfs:1',
    'https://registry.example/glusterfs:1',
    'user:password@registry.example/glusterfs:1',
    `registry.example/glusterfs@${DIGEST.toUpperCase()}`,
    'registry.example/glusterfs@sha256:123',
    `registry.example/glusterfs:${'1'.repeat(129)}`,
    `registry.example/${'a.'.repeat(300)}b:1`,
  ])('does not take %j', (image) => {
    expect(said(contained(image))).toEqual([expect.stringMatching(/^gluster\.image: /)]);
  });

  it('is needed by use: container, and has no use with packages, as little as an engine', () => {
    expect(said(cluster('use: container'))).toEqual([expect.stringMatching(/^gluster\.image: image is missing/)]);
    expect(said(cluster('image: "localhost/g:1", engine: docker'))).toEqual([
      expect.stringMatching(/^gluster\.image: has no use with use: packages/),
      expect.stringMatching(/^gluster\.engine: has no use with use: packages/),
    ]);
    expect(load(cluster('use: packages')).gluster.container).toBe(undefined);
    expect(said(cluster('use: container, image: "localhost/g:1", engine: lxc'))).toEqual([expect.stringMatching(/^gluster\.engine: /)]);
  });

  it('is better pinned by a digest, and that is said', () => {
    const notes = (image: string) => load(contained(image)).notes?.filter((note) => note.includes('digest'));
    expect(notes('localhost/glusterfs:10.3')).toHaveLength(1);
    expect(notes(`localhost/glusterfs@${DIGEST}`)).toEqual([]);
  });
});

describe('bricks of a container', () => {
  const brick = (path: string): string => `${nodesText(3)}volumes:\n  - { name: gv0, type: distribute, bricks: ["node-1:${path}"] }\n`;

  it.each(['/var/lib/bricks/b', '/run/b', '/usr/b', '/root/b', '/etc/b', '/lib/b', '/tmp/b'])('do not lie at %s', (path) => {
    expect(said(contained('localhost/g:1', brick(path))).join()).toContain(`/${path.split('/')[1]} is the image's own in a container`);
  });

  it('lie anywhere else, and a disk’s mount as well', () => {
    expect(said(contained('localhost/g:1', brick('/bricks/b')))).toEqual([]);
    const mounted = nodesText(3, 1).replace('/data/brick1', '/var/bricks/1');
    expect(said(contained('localhost/g:1', mounted)).join()).toContain("/var is the image's own");
    expect(said(cluster('use: packages', mounted))).toEqual([]);
  });
});
