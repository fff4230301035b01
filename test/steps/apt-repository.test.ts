import { describe, expect, it } from 'vitest';
import { offer } from '../../src/steps/apt-offer.ts';
import { aptRepository } from '../../src/steps/apt-repository.ts';
import { aptSource, prefix, stanza, uris } from '../../src/steps/apt-source.ts';
import { bookworm, cluster, file, gluster, ids, reasons } from './answers.ts';

type Is = Parameters<typeof aptRepository.plan>[1];

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n';
const key = { text: KEY, fingerprint: 'F9C958A3AEE0D2184FAD1CBD43607F0DC2F8238C' };
const upstream = aptSource(cluster({ signingKeys: { deb: key, rpm: null } }));
const want = { repository: upstream };
const at = (release: string) => `https://download.gluster.org/pub/gluster/glusterfs/10/${release}/Debian/bookworm/amd64/apt`;
const ubuntu = { ...bookworm, id: 'ubuntu', versionId: '24.04', codename: 'noble', pretty: 'Ubuntu 24.04' };
const trixie = { ...bookworm, versionId: '13', codename: 'trixie', pretty: 'Debian GNU/Linux 13 (trixie)' };

const found = (version = '10.3-1', keep: string | null = null) => ({ state: 'found' as const, uri: at('10.3'), versions: [version], keep });
const failed = (...why: string[]) => ({ state: 'failed' as const, tried: [{ uri: at('10.3'), why }] });
const facts = (more: Partial<Is> = {}): Is => ({
  os: bookworm,
  source: file(null),
  key: file(null),
  stamp: file(null),
  others: [],
  offer: found(),
  ...more,
});
const read = (source: string) => ({ source: file(source), stamp: file(source + KEY) });
const converged = facts({
  ...read(stanza([at('10.3')], 'bookworm', 'amd64')),
  key: file(KEY),
  offer: { state: 'known' },
});

describe('where packages come from', () => {
  it.each([
    ['10.3', '10/10.3/Debian'],
    ['10', '10/LATEST/Debian'],
    ['4.1.5', '4.1/4.1.5/Debian'],
    ['3.12', '01.old-releases/3.12/LATEST/Debian'],
  ])('%s is in %s, by codename or by number', (version, folder) => {
    const all = uris({ ...upstream, version }, bookworm).map((uri) =>
      uri.replace('https://download.gluster.org/pub/gluster/glusterfs/', ''),
    );
    expect(all).toEqual([`${folder}/bookworm/amd64/apt`, `${folder}/12/amd64/apt`]);
  });

  it('is the mirror with its slash or without, or the PPA of the series', () => {
    const mirror = aptSource(cluster({ gluster: gluster({ source: 'mirror', mirror: { deb: 'https://m.test/g/', rpm: null } }) }));
    expect(uris(mirror, bookworm)[0]).toBe('https://m.test/g/10/10.3/Debian/bookworm/amd64/apt');
    const ppa = aptSource(cluster({ gluster: gluster({ source: 'ppa' }) }));
    expect(uris(ppa, ubuntu)).toEqual(['https://ppa.launchpadcontent.net/gluster/glusterfs-10/ubuntu']);
    expect(uris(ppa, ubuntu)[0]?.startsWith(prefix(ppa))).toBe(true);
  });
});

describe('apt-repository', () => {
  it('writes the key, a stanza that names it, and reads that repository alone', () => {
    const changes = aptRepository.plan(want, facts());
    expect(ids(changes)).toEqual([
      'file:/etc/apt/keyrings/glusterctl-gluster.asc',
      'file:/etc/apt/sources.list.d/glusterctl-gluster.sources',
      'index',
    ]);
    expect(changes[1]?.diff?.after).toBe(`# Written by glusterctl
Types: deb
URIs: ${at('10.3')}
Suites: bookworm
Components: main
Architectures: amd64
Signed-By: /etc/apt/keyrings/glusterctl-gluster.asc
`);
    expect(changes[2]?.do.text).toContain('-o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0');
    for (const { do: script } of changes) expect(script.text).not.toMatch(/apt-key|trusted=yes|AllowInsecure|AllowUnauth/);
  });

  it('has nothing to do where it is written down and read', () => {
    expect(aptRepository.plan(want, converged)).toEqual([]);
    expect(ids(aptRepository.plan(want, { ...converged, stamp: file(KEY) }))).toEqual(['index']);
  });

  it('keeps the release of before at hand, so that the move can be undone, and is content with that', () => {
    const before = file(stanza([at('10.2')], 'bookworm', 'amd64'));
    const [source] = aptRepository.plan(want, { ...converged, source: before, offer: found('10.3-1', at('10.2')) });
    expect(source?.diff?.after).toContain(`URIs: ${at('10.3')} ${at('10.2')}\n`);
    expect(aptRepository.plan(want, { ...converged, ...read(source?.diff?.after ?? '') })).toEqual([]);
  });

  it('takes everything back for the distribution’s packages', () => {
    const distro = { repository: { ...upstream, source: 'distro' as const, base: '', key: null } };
    expect(aptRepository.plan(distro, facts())).toEqual([]);
    expect(aptRepository.plan(distro, { ...converged, stamp: file('x') }).map((change) => change.title)).toEqual([
      'remove /etc/apt/sources.list.d/glusterctl-gluster.sources',
      'remove /etc/apt/keyrings/glusterctl-gluster.asc',
      'remove /var/lib/glusterctl/apt-indexed',
    ]);
  });

  it('leaves nodes without apt to another step', () => {
    expect(aptRepository.plan(want, facts({ os: { ...bookworm, id: 'rocky', family: 'el' } }))).toEqual([]);
  });

  // Voice 6: repositories without Release file, paths that move.
  it('refuses what cannot be read, with all that was tried, and offers the distribution', () => {
    const why = `E: The repository '${at('10.3')} bookworm Release' does not have a Release file.`;
    const [reason] = reasons(() => aptRepository.plan(want, facts({ offer: failed(why) })));
    expect(reason).toBe(
      `the repository cannot be read from the node | tried ${at('10.3')}\n${why} | correct gluster.version, look whether the node may reach it, or take the packages of the distribution with source: distro`,
    );
  });

  it('says what a repository has instead of the wanted release', () => {
    expect(reasons(() => aptRepository.plan(want, facts({ offer: found('10.30-1') })))[0]).toMatch(
      /has no GlusterFS 10.3 for amd64.*has 10.30/,
    );
    const none = { state: 'found' as const, uri: at('10.3'), versions: [], keep: null };
    expect(reasons(() => aptRepository.plan(want, facts({ offer: none })))[0]).toMatch(/has none at all.*source: distro/);
  });

  it('offers the distribution where the key is bound by SHA-1 only', () => {
    const sqv = 'because: SHA1 is not considered secure since 2026-02-01T00:00:00Z';
    const [reason] = reasons(() =>
      aptRepository.plan(want, facts({ os: trixie, offer: failed('W: OpenPGP signature verification failed', sqv) })),
    );
    expect(reason).toMatch(/^Debian GNU\/Linux 13 \(trixie\) rejects the key.*source: distro/s);
  });

  it.each([
    ['upstream', ubuntu, /no packages for Ubuntu 24.04 \| take source: ppa/],
    ['ppa', bookworm, /packages for Ubuntu, not for Debian/],
    ['centos-sig', bookworm, /takes no packages of the CentOS Storage SIG/],
    ['upstream', { ...bookworm, codename: '' }, /does not say its codename/],
  ] as const)('rules out %s on the wrong system before anything is asked', (source, os, expected) => {
    const other = { repository: { ...upstream, source } };
    expect(reasons(() => aptRepository.plan(other, facts({ os, offer: { state: 'known' } })))[0]).toMatch(expected);
  });

  it('refuses without a key, without a mirror for apt, and beside an entry of somebody else', () => {
    expect(reasons(() => aptRepository.plan({ repository: { ...upstream, key: null } }, facts()))[0]).toMatch(/key.*is not known/);
    expect(reasons(() => aptRepository.plan({ repository: { ...upstream, source: 'mirror', base: '' } }, facts()))[0]).toMatch(
      /no mirror for apt/,
    );
    expect(reasons(() => aptRepository.plan(want, { ...converged, others: ['/etc/apt/sources.list'] }))[0]).toMatch(
      /is in \/etc\/apt\/sources.list already/,
    );
  });
});

describe('what a repository offers', () => {
  const { parse, read } = offer(upstream);
  it('is read line by line', () => {
    expect(parse({ code: 0, stdout: '' })).toEqual({ state: 'known' });
    expect(parse({ code: 0, stdout: 'tried u1\nwhy E: a b\nfound u2\noffers 10.3-1\noffers 10.4-1\nkeep u0\n' })).toEqual({
      state: 'found',
      uri: 'u2',
      versions: ['10.3-1', '10.4-1'],
      keep: 'u0',
    });
    expect(parse({ code: 0, stdout: 'tried u1\nwhy E: a\nwhy E: b\ntried u2\nwhy no answer within 15 s\n' })).toEqual({
      state: 'failed',
      tried: [
        { uri: 'u1', why: ['E: a', 'E: b'] },
        { uri: 'u2', why: ['no answer within 15 s'] },
      ],
    });
  });
  it('is not asked of anybody where there is no repository of its own', () => {
    expect(offer({ ...upstream, source: 'distro' }).read.text).toBe(':');
    expect(read.text).toContain('Dir::State::lists "$t/lists"');
  });
});
