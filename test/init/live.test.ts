import { describe, expect, it } from 'vitest';
import { unitText } from '../../src/container/texts.ts';
import { Refused } from '../../src/errors.ts';
import { liveDraft, type Member } from '../../src/init/live.ts';
import { fileText } from '../../src/init/write.ts';
import { bookworm, file } from '../steps/answers.ts';

const unit = (image: string): string => unitText({ image, engine: 'docker', places: ['/data'] });

/** A member of a pool without volumes, that glusterctl did not set up but for its unit. */
const member = (name: string, unitOf: string | null): Member => ({
  host: { name, address: '192.0.2.1', user: null, port: null },
  is: {
    os: bookworm,
    gluster: { version: '10.3', server: true, client: false, glusterd2: false },
    uuid: name,
    pool: { ok: true, value: { peers: [] } },
    volumes: { ok: true, value: [] },
    packages: new Map(),
    pin: file(null),
    source: file(null),
    key: file(null),
    modules: file(null),
    hosts: file(null),
    unit: file(unitOf),
    mounts: [],
  },
});
const draft = (...members: readonly Member[]) => liveDraft(members, {}, { onRoot: new Set(), fingerprint: null }).draft;
const IMAGE = 'registry.example/glusterfs:10.3';

describe('a pool that is there', () => {
  it('is described with its containers; where no package is, none is said to be held or not', () => {
    const text = fileText(draft(member('a', unit(IMAGE)), member('b', unit(IMAGE))));
    expect(text).toMatch(/^ {2}use: container .*\n {2}image: registry\.example\/glusterfs:10\.3\n {2}engine: docker$/m);
    expect(text).not.toContain('hold:');
  });

  it('is described with its packages', () => {
    const text = fileText(draft(member('a', null), member('b', null)));
    expect(text).not.toContain('use:');
    expect(text).toMatch(/^ {2}hold: false /m);
  });

  it.each([
    ['containers and packages', null, 'b: packages'],
    ['two images', unit('registry.example/other:10.3'), 'b: registry.example/other:10.3 by docker'],
  ])('cannot be said in one file with %s', (_name, other, why) => {
    const make = () => draft(member('a', unit(IMAGE)), member('b', other));
    expect(make).toThrow(Refused);
    expect(make).toThrow(expect.objectContaining({ reasons: [expect.objectContaining({ why: `a: ${IMAGE} by docker\n${why}` })] }));
  });
});
