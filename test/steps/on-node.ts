import { factAnswers, factScript } from '../../src/facts/script.ts';
import type { SigningKey } from '../../src/model/cluster.ts';
import type { Change, FactSet, NodeStep } from '../../src/model/step.ts';
import { doScript, undoScript } from '../../src/run/script.ts';
import type { LabNode } from '../lab/index.ts';

const NONCE = 'c0ffee'.repeat(6);

// biome-ignore lint/suspicious/noExplicitAny: any step
type AnyStep = NodeStep<any, any>;

/** What the node answers, all in one script, as a run asks it. */
export const ask = async (node: LabNode, facts: FactSet): Promise<Record<string, unknown>> => {
  const list = Object.values(facts);
  const { stdout } = await node.exec(factScript(list, NONCE));
  const answers = factAnswers(list, stdout, NONCE, { node: node.name });
  return Object.fromEntries(
    Object.entries(facts).map(([key, fact]) => [key, fact.parse(answers.get(fact.id) ?? { stdout: '', code: 255 })]),
  );
};

export const planOn = async (node: LabNode, step: AnyStep, want: unknown): Promise<Change[]> =>
  step.plan(step.want.parse(want), await ask(node, step.facts(want)));

const exec = (node: LabNode, script: string) => node.exec(script, { timeoutMs: 500_000 });

export const perform = (node: LabNode, change: Change) => exec(node, doScript(change));

export const takeBack = async (node: LabNode, change: Change) => {
  if (change.undo === 'nothing') throw new Error(`${change.id} has no undo`);
  return exec(node, undoScript({ undo: change.undo, verify: change.verify }));
};

/** Plans, carries out, and looks that nothing is left to do. Gives what was done, newest last. */
export const apply = async (node: LabNode, step: AnyStep, want: unknown): Promise<Change[]> => {
  const changes = await planOn(node, step, want);
  for (const change of changes) {
    const { code, stdout, stderr } = await perform(node, change);
    if (code !== 0) throw new Error(`${change.title}: exit ${code}\n${stdout}\n${stderr}`);
  }
  const left = await planOn(node, step, want);
  if (left.length > 0) throw new Error(`left to do: ${left.map((change) => change.title).join('; ')}`);
  return changes;
};

export const undoAll = async (node: LabNode, changes: readonly Change[]): Promise<void> => {
  for (const change of [...changes].reverse()) {
    const { code, stdout, stderr } = await takeBack(node, change);
    if (code !== 0) throw new Error(`undo of ${change.title}: exit ${code}\n${stdout}\n${stderr}`);
  }
};

/**
 * All that a rollback has to restore: files under /etc and glusterctl's own folder, packages with versions and marks,
 * units, accounts. The spare copies of the account files (`passwd-`) belong to the tools that write them.
 */
export const photograph = async (node: LabNode): Promise<string[]> => {
  const { stdout } = await node.exec(`
    find /etc /var/lib/glusterctl /var/lib/glusterd /var/log/glusterfs -printf '%p %y %m %U:%G %l\n' 2>/dev/null | sort
    find /etc /var/lib/glusterctl /var/lib/glusterd -type f -exec cksum {} + 2>/dev/null | sort -k3
    if command -v rpm >/dev/null; then
      rpm -qa --qf '%{NEVRA}\n' | sort
    else
      dpkg-query -W -f='\${Package} \${Version} \${db:Status-Abbrev}\n'
      apt-mark showauto | sed 's/^/auto /'
      apt-mark showhold | sed 's/^/hold /'
    fi
    systemctl list-unit-files --no-legend --no-pager | awk '{ print "file", $1, $2 }'
    systemctl list-units --all --no-legend --no-pager --type=service --plain | awk '{ print "unit", $1, $2, $3 }'
    getent passwd; getent group`);
  return stdout.split('\n').filter((line) => !/\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-/.test(line));
};

/** Has dpkg killed while it unpacks a package of that name, the next time; the node is mended by what this gives. */
export const cutUnpacking = async (node: LabNode, name: string): Promise<() => Promise<unknown>> => {
  const cutting = `#!/bin/sh
    case $* in *--fsys-tarfile*${name}*) [ ! -e /run/cut ] || { rm /run/cut; kill -9 $PPID; } ;; esac
    exec dpkg-deb.real "$@"`;
  await node.exec(
    `mv /usr/bin/dpkg-deb /usr/bin/dpkg-deb.real; echo '${cutting}' >/usr/bin/dpkg-deb; chmod 755 /usr/bin/dpkg-deb; : >/run/cut`,
  );
  return () => node.exec('mv /usr/bin/dpkg-deb.real /usr/bin/dpkg-deb');
};

export const sourceOf = (base: string, version: string, key: SigningKey) => ({ source: 'mirror' as const, base, version, key });
