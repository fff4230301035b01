import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { emptyState, type InitAnswers, type Look, type WizardState } from '../../src/init/answers.ts';
import { finish } from '../../src/init/finish.ts';
import { type AnswerFlags, answersOf } from '../../src/init/flags.ts';
import { type HostWish, hostWord } from '../../src/init/hosts.ts';
import type { Answered, Question, QuestionId } from '../../src/init/questions.ts';
import { forget, give, needsLook, nextStep, unattended } from '../../src/init/steps.ts';
import { fileText } from '../../src/init/write.ts';
import { disk, seenNode } from './seen-node.ts';

type World = (host: HostWish) => Look;

const options = { look: true };
const bare: World = (host) => ({ is: 'seen', node: seenNode(host.name ?? 'host', host.address) });

const look = (state: WizardState, hosts: readonly HostWish[], world: World): WizardState => ({
  ...state,
  looks: new Map([...state.looks, ...hosts.map((host) => [hostWord(host), world(host)] as const)]),
});

/** Goes through the wizard; `answer` says what is typed, null takes the default. Gives the questions that were asked. */
const go = (begun: InitAnswers, answer: (q: Question) => Answered | null, world: World = bare) => {
  const asked: QuestionId[] = [];
  let state: WizardState = { ...emptyState, answers: begun };
  for (let i = 0; i < 50; i += 1) {
    const step = nextStep(state, options);
    if (step.do === 'done') return { asked, state, text: fileText(finish(state)) };
    if (step.do === 'look') state = look(state, step.hosts, world);
    else {
      const { question } = step;
      asked.push(question.id);
      const usual = question.kind === 'many' ? question.defaults : question.kind === 'secret' ? '' : question.default;
      state = give(state, question, answer(question) ?? usual);
    }
  }
  throw new Error(`no end: ${asked.join(' ')}`);
};

const load = (text: string) => loadCluster({ text, file: '/x/cluster.yaml', baseDir: '/x', home: '/home/o' });
const typed = (answers: Partial<Record<QuestionId, Answered>>) => (q: Question) => answers[q.id] ?? null;
const three = 'node-[1-3]=192.0.2.[11-13]';
const plain = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, ''))
    .filter(Boolean)
    .join('\n');

/** What flags and defaults make, where nobody is asked. Gives the flag that is missing, where one is. */
const byFlags = (flags: AnswerFlags, world: World = bare): { text: string } | { missing: string } => {
  const answers = answersOf(flags);
  const flow = { look: needsLook(answers) };
  let state: WizardState = { ...emptyState, answers };
  for (;;) {
    const step = nextStep(state, flow);
    if (step.do === 'done') return { text: fileText(finish(state)) };
    if (step.do === 'look') state = look(state, step.hosts, world);
    else {
      const found = unattended(step.question, state);
      if (found === null) return { missing: step.question.flag };
      state = give(state, step.question, found);
    }
  }
};

describe('from nothing to a file', () => {
  it('asks five questions, and defaults make a replicated volume on the blank disks', () => {
    const { asked, text } = go({}, typed({ hosts: three }));
    expect(asked).toEqual(['hosts', 'use', 'gluster', 'bricks', 'layout']);
    const cluster = load(text);
    expect(cluster.gluster).toMatchObject({ version: '10.3', source: 'distro' });
    expect(
      cluster.nodes.map(({ name, address, disks }) => [name, address, disks.map(({ select, use, mount }) => [select, use, mount])]),
    ).toEqual([1, 2, 3].map((n) => [`node-${n}`, `192.0.2.1${n}`, [[{ by: 'serial', value: 'S-b' }, 'thin', '/data/brick1']]]));
    expect(cluster.volumes[0]).toMatchObject({ name: 'gv0', type: 'replicate', setSize: 3, start: true });
    expect(cluster.volumes[0]?.bricks.map(({ node, path }) => `${node}:${path}`)).toEqual(
      [1, 2, 3].map((n) => `node-${n}:/data/brick1/gv0`),
    );
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./cluster.schema.json');
  });

  it('asks no more than eight questions in any case', () => {
    const strange: World = (host) =>
      host.address.endsWith('11')
        ? { is: 'unknown-key', place: 'root@x', type: 'ED25519', fingerprint: 'SHA256:x' }
        : { is: 'login', user: 'root', why: 'no' };
    let looks = 0;
    const world: World = (host) => (looks++ < 3 ? strange(host) : bare(host));
    const { asked } = go({}, typed({ hosts: three, trust: 'yes', password: 'secret', use: 'same' }), world);
    expect(asked).toEqual(['hosts', 'use', 'trust', 'password', 'gluster', 'bricks', 'layout']);
    // and the file to write to is the last question
    expect(asked.length + 1).toBeLessThanOrEqual(8);
  });

  it('makes the same file from flags', () => {
    const wizard = go({}, typed({ hosts: three, use: 'same', layout: 'arbiter 3 0' }));
    const flags = byFlags({ node: [three], mountPath: '/mnt/gv0', type: 'arbiter' });
    if (!('text' in flags)) throw new Error(flags.missing);
    expect(plain(flags.text)).toBe(plain(wizard.text));
    expect(load(flags.text)).toEqual(load(wizard.text));
  });

  it('takes names, storage addresses and ports from what it sees', () => {
    const world: World = ({ port }) => ({ is: 'seen', node: seenNode(`n${(port ?? 0) - 2220}`, `10.0.0.${(port ?? 0) - 2220}`) });
    const { text } = go({}, typed({ hosts: '127.0.0.1:2221 127.0.0.1:2222 127.0.0.1:2223' }), world);
    expect(load(text).nodes.map(({ name, address, storage, ssh }) => [name, address, storage, ssh.port])).toEqual([
      ['n1', '127.0.0.1', '10.0.0.1', 2221],
      ['n2', '127.0.0.1', '10.0.0.2', 2222],
      ['n3', '127.0.0.1', '10.0.0.3', 2223],
    ]);
  });

  it('calls hosts node-N that call themselves the same', () => {
    const world: World = ({ address }) => ({ is: 'seen', node: seenNode('debian', address) });
    const { text } = go({}, typed({ hosts: '192.0.2.[1-3]' }), world);
    expect(load(text).nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3']);
  });

  it('takes clients, Kubernetes and zones', () => {
    const clients = load(go({}, typed({ hosts: three, use: 'web=192.0.2.20 node-1' })).text);
    expect(clients.nodes.map(({ name, roles }) => [name, roles.join('+')])).toEqual([
      ['node-1', 'server+client'],
      ['node-2', 'server'],
      ['node-3', 'server'],
      ['web', 'client'],
    ]);
    expect(clients.mounts).toEqual([{ volume: 'gv0', path: '/mnt/gv0', nodes: ['node-1', 'web'] }]);
    const kube = load(go({ zones: { 'node-1': 'a', 'node-2': 'b' } }, typed({ hosts: three, use: 'k8s' })).text);
    expect(kube.kubernetes?.volumes[0]).toMatchObject({ volume: 'gv0', claim: 'gv0', size: '100Gi' });
    expect(kube.nodes.map(({ zone }) => zone)).toEqual(['a', 'b', 'node-3']);
  });
});

describe('what is offered', () => {
  const rows = (
    id: QuestionId,
    world: World = bare,
    hosts = three,
  ): readonly { value: string; title: string; refused?: string | null }[] => {
    let choices: readonly { value: string; title: string; refused?: string | null }[] = [];
    go(
      {},
      (q) => {
        if (q.id === id && 'choices' in q) choices = q.choices;
        return q.id === 'hosts'
          ? hosts
          : q.id === 'bricks' && q.kind === 'many' && q.defaults.length === 0
            ? ['root:/srv/glusterfs']
            : null;
      },
      world,
    );
    return choices;
  };

  it('shows every disk, with the reasons against it, and preselects no disk that has one', () => {
    const found = rows('bricks');
    expect(found.find(({ value }) => value === 'disk:node-1:/dev/vda')?.refused).toBe('system disk (/)');
    expect(found.find(({ value }) => value === 'disk:node-1:/dev/vdb')?.refused).toBe(null);
  });

  it('prefers a folder where one server has no blank disk', () => {
    const world: World = (host) => ({
      is: 'seen',
      node: seenNode('x', host.address, host.name === 'node-2' ? { disks: [disk('/dev/vdb', { reasons: ['ext4 filesystem'] })] } : {}),
    });
    const cluster = load(go({}, typed({ hosts: three }), world).text);
    expect(cluster.volumes[0]?.bricks.map(({ path }) => path)).toEqual(['/data/old/gv0', '/data/old/gv0', '/data/old/gv0']);
    expect(cluster.nodes.flatMap(({ disks }) => disks)).toEqual([]);
  });

  it('takes the root filesystem only when somebody says so, and writes the risk down', () => {
    const empty: World = (host) => ({ is: 'seen', node: seenNode('x', host.address, { disks: [], folders: [] }) });
    expect(byFlags({ node: [three] }, empty)).toEqual({ missing: '--disk [NODE:]DEVICE or --brick-path [NODE:]PATH' });
    expect(load(go({}, typed({ hosts: three, bricks: ['root:/srv/glusterfs'] }), empty).text).volumes[0]?.allow).toEqual([
      'root-partition',
    ]);
  });

  it('takes xfs where the kernel has no thin pools, and another mount where one is taken', () => {
    const world: World = (host) => ({
      is: 'seen',
      node: seenNode('x', host.address, {
        thin: 'missing',
        folders: [{ path: '/data/brick1', fstype: 'xfs', size: 2 ** 30, free: 2 ** 30 }],
      }),
    });
    expect(load(go({}, typed({ hosts: three }), world).text).nodes[0]?.disks[0]).toMatchObject({ use: 'xfs', mount: '/data/brick2' });
  });

  it.each([
    [1, ['distribute 1 0']],
    [2, ['replicate 2 0', 'distribute 1 0']],
    [3, ['replicate 3 0', 'arbiter 3 0', 'disperse 3 1', 'distribute 1 0']],
    [6, ['replicate 3 0', 'arbiter 3 0', 'disperse 6 2', 'distribute 1 0']],
    [12, ['replicate 3 0', 'arbiter 3 0', 'disperse 12 4', 'distribute 1 0']],
  ])('%i servers', (n, expected) => {
    expect(rows('layout', bare, n === 1 ? 'node-1=192.0.2.1' : `node-[1-${n}]=192.0.2.[1-${n}]`).map(({ value }) => value)).toEqual(
      expected,
    );
  });

  it('says what is usable and what may fail', () => {
    expect(rows('layout').map(({ title }) => title)).toEqual([
      'replicate 3: 3 copies; 100 GiB usable, 1 of 3 may fail',
      'arbiter 3: two copies and a witness that holds names only; 100 GiB usable, 1 of 3 may fail',
      'disperse 2+1: erasure coded; 200 GiB usable, 1 of 3 may fail',
      'distribute: no copies: each file is on one brick; 300 GiB usable, nothing may fail: with one server the files on it are gone',
    ]);
  });

  const on =
    (os: Partial<ReturnType<typeof seenNode>['os']>, offered: string): World =>
    (host) => {
      const node = seenNode('x', host.address);
      return { is: 'seen', node: { ...node, os: { ...node.os, ...os }, gluster: { ...node.gluster, offered } } };
    };
  it.each([
    ['Debian 12', on({}, '10.3-5'), ['distro 10.3', 'upstream 11', 'upstream 10', 'mirror']],
    ['Debian 11, whose own is old', on({ codename: 'bullseye' }, '9.2-1'), ['upstream 11', 'upstream 10', 'distro 9.2', 'mirror']],
    ["Debian 13, which rejects upstream's key", on({ codename: 'trixie' }, '11.1-6'), ['distro 11.1', 'mirror']],
    ['Ubuntu 24.04', on({ id: 'ubuntu', codename: 'noble' }, ''), ['distro 11.1', 'ppa 11', 'mirror']],
    ['EL9', on({ id: 'rocky', family: 'el', codename: '', versionId: '9.4' }, ''), ['centos-sig 11', 'centos-sig 10', 'mirror']],
    ['arm64', on({ arch: 'arm64' }, '10.3-5'), ['distro 10.3', 'mirror']],
  ])('versions for %s', (_name, world, expected) => {
    let values: string[] = [];
    go(
      {},
      (q) => {
        if (q.id === 'gluster' && q.kind === 'one') values = q.choices.map(({ value }) => value);
        return q.id === 'hosts' ? three : null;
      },
      world,
    );
    expect(values).toEqual(expected);
  });
});

describe('flags', () => {
  it.each([
    [{}, '--node NAME=ADDRESS'],
    [{ node: ['node-[1-2]=192.0.2.[1-2]'] }, '--type TYPE and --replica N'],
  ])('%j lacks %s', (flags, missing) => expect(byFlags(flags)).toEqual({ missing }));

  it('takes two copies only with the risk', () => {
    const made = byFlags({ node: ['node-[1-2]=192.0.2.[1-2]'], allow: ['replica-2'] });
    expect('text' in made && load(made.text).volumes[0]).toMatchObject({ setSize: 2, allow: ['replica-2'] });
  });

  it('needs no look at the hosts when all is said', () => {
    const never: World = () => {
      throw new Error('looked');
    };
    const made = byFlags({ node: [three], glusterVersion: '10.3', source: 'distro', brickPath: ['/data/b'] }, never);
    expect('text' in made && load(made.text).volumes[0]?.bricks).toHaveLength(3);
  });

  it.each<[AnswerFlags, string]>([
    [{ node: ['a=b=c'] }, '--node: a=b=c: a host is NAME, ADDRESS or NAME=ADDRESS'],
    [{ source: 'mirror' }, '--source: needs --gluster-version as well'],
    [{ brickPath: ['data'] }, '--brick-path: "data" is not an absolute path'],
    [{ type: 'disperse', replica: '3' }, '--replica: a disperse volume needs DATA+REDUNDANCY, such as 4+2'],
    [{ zone: ['rack'] }, '--zone: "rack" is not NODE=VALUE'],
    [{ client: ['a'], kubernetes: true }, '--kubernetes: does not go with --client'],
  ])('%j is a usage error', (flags, what) => {
    expect(() => answersOf(flags)).toThrow(what);
  });

  const refused = (flags: AnswerFlags, world?: World): string => {
    try {
      byFlags(flags, world);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('refuses a disk that is in use, names that are wrong, and layouts that do not fit', () => {
    expect(refused({ node: [three], disk: ['/dev/vda'] })).toBe('3 things stand in the way');
    expect(refused({ node: [three], disk: ['node-1:/dev/vda', 'node-2:/dev/vdb', 'node-3:/dev/vdb'] })).toContain(
      '/dev/vda cannot be used: system disk (/)',
    );
    expect(refused({ node: [three], zone: ['nod-1=a'] })).toContain('there is no node "nod-1"');
    expect(refused({ node: [three], replica: '4' })).toContain('replicate 4 does not fit these hosts');
  });
});

describe('going back', () => {
  it('asks again with what was said as the default, and only what hangs on it', () => {
    const { state } = go({}, typed({ hosts: three, layout: 'arbiter 3 0' }));
    const back = forget(state, 'bricks');
    const step = nextStep(back, options);
    expect(step.do === 'ask' && step.question.id).toBe('bricks');
    const again = give(back, (step as { question: Question }).question, ['folder:/data/old']);
    const then = nextStep(again, options);
    expect(then.do === 'ask' && then.question.kind === 'one' && [then.question.id, then.question.default]).toEqual([
      'layout',
      'arbiter 3 0',
    ]);
  });

  it('shows the hosts again, to be corrected', () => {
    const { state } = go({}, typed({ hosts: three }));
    const step = nextStep(forget(state, 'hosts'), options);
    expect(step.do === 'ask' && step.question.kind === 'lines' && step.question.default).toBe(
      'node-1=192.0.2.11 node-2=192.0.2.12 node-3=192.0.2.13',
    );
  });

  it('goes on without hosts that cannot be reached', () => {
    const world: World = (host) => (host.name === 'node-4' ? { is: 'unreachable', what: 'x', why: '', next: '' } : bare(host));
    const { text, asked } = go({}, typed({ hosts: 'node-[1-4]=192.0.2.[1-4]', unreachable: 'without' }), world);
    expect(asked).toContain('unreachable');
    expect(load(text).nodes).toHaveLength(3);
  });
});

it('makes a valid file of whatever is chosen', () => {
  const choose = fc.infiniteStream(fc.nat());
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 3 }), choose, (n, blank, stream) => {
      const next = (): number => stream.next().value ?? 0;
      const world: World = (host) => ({
        is: 'seen',
        node: seenNode(host.name ?? 'x', host.address, { disks: Array.from({ length: blank }, (_, i) => disk(`/dev/vd${'bcd'[i]}`)) }),
      });
      const hosts = Array.from({ length: n }, (_, i) => `node-${i + 1}=192.0.2.${i + 1}`).join(' ');
      const { text } = go(
        {},
        (q) => {
          if (q.id === 'hosts') return hosts;
          if (q.id === 'use') return ['nobody', 'same', 'kubernetes', 'web=192.0.2.99'][next() % 4] ?? null;
          if (q.kind === 'one' && q.id !== 'trust') {
            const open = q.choices.filter((c) => !c.refused);
            return open[next() % open.length]?.value ?? null;
          }
          if (q.kind === 'many') {
            const open = q.choices.filter((c) => !c.refused).map((c) => c.value);
            const some = open.filter(() => next() % 2 === 0);
            return q.check(some) === null ? some : q.defaults.length > 0 ? q.defaults : open.slice(-1);
          }
          return null;
        },
        world,
      );
      const cluster = load(text);
      expect(cluster.volumes[0]?.bricks.length ?? 0).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
