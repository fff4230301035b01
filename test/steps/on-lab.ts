import { randomBytes } from 'node:crypto';
import { factAnswers, factScript } from '../../src/facts/script.ts';
import type { Change, PoolChange } from '../../src/model/change.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { FactOutput } from '../../src/model/fact.ts';
import type { Step } from '../../src/model/step.ts';
import { type Job, jobsOf, questionsOf } from '../../src/plan/jobs.ts';
import { makePlan, type Planned } from '../../src/plan/plan.ts';
import { doScript, KEPT, undoScript } from '../../src/run/script.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';

export interface Ran {
  code: number;
  stderr: string;
}

/** Plans steps on a lab's nodes, does and undoes what is planned: the runner's scripts, without SSH and journal. */
export const onLab = (lab: Lab, cluster: Cluster) => {
  const jobs = (step: Step): readonly Job[] => {
    const book = { id: 'test', title: 'test', stages: [{ id: 'stage', title: 'stage', steps: [step.id] }] };
    return jobsOf(book, cluster, () => step, new Set(cluster.nodes.map((n) => n.name))).jobs;
  };

  const plan = async (step: Step): Promise<Planned> => {
    const list = jobs(step);
    const answers = new Map<string, ReadonlyMap<string, FactOutput>>();
    await Promise.all(
      [...questionsOf(list)].map(async ([node, facts]) => {
        const nonce = randomBytes(12).toString('hex');
        const { stdout } = await lab.node(node).exec(factScript(facts, nonce));
        answers.set(node, factAnswers(facts, stdout, nonce));
      }),
    );
    return makePlan(cluster.name, list, answers, [], (text) => text);
  };

  /** The changes, or the reasons against them as an error. */
  const changes = async (step: Step): Promise<readonly PoolChange[]> => {
    const { plan: planned, reasons } = await plan(step);
    if (reasons.length > 0) throw new Error(reasons.map((r) => [r.node, r.what, r.why].filter(Boolean).join(': ')).join('\n'));
    return planned.changes;
  };

  const perform = async ({ node, ...change }: PoolChange): Promise<Ran> => lab.node(node).exec(doScript(change));

  const undo = async ({ node, undo: script, verify }: PoolChange): Promise<Ran> =>
    script === 'nothing' ? { code: 0, stderr: '' } : lab.node(node).exec(undoScript({ undo: script, verify }));

  /** Does all that is planned and gives it back. Throws at the first that fails. */
  const apply = async (step: Step): Promise<readonly PoolChange[]> => {
    const list = await changes(step);
    for (const change of list) {
      const { code, stderr } = await perform(change);
      if (code !== 0) throw new Error(`${change.node}: ${change.id}: exit ${code}: ${stderr}`);
    }
    return list;
  };

  /** Newest first; throws at the first that fails. What is left and harms nobody is no failure. */
  const rollBack = async (list: readonly PoolChange[]): Promise<void> => {
    for (const change of [...list].reverse()) {
      const { code, stderr } = await undo(change);
      if (code !== 0 && code !== KEPT) throw new Error(`${change.node}: undo of ${change.id}: exit ${code}: ${stderr}`);
    }
  };

  return { plan, changes, perform, undo, apply, rollBack };
};

export const idsOf = (list: readonly (Change & { node?: string })[]): string[] => list.map((c) => `${c.node}/${c.id}`);

const answering = "until gluster --mode=script --xml pool list | grep -q '<opRet>0'; do sleep 1; done";

const must = async (node: LabNode, script: string): Promise<void> => {
  const { code, stderr } = await node.exec(script, { timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${node.name}: ${stderr}`);
};

/** A lab whose nodes know each other's names and have GlusterFS, as the steps before leave them. */
export const openGlusterLab = async (name: string, nodes: number): Promise<Lab> => {
  const lab = await openLab({ name, nodes, geoReplication: false });
  const install = async (node: LabNode): Promise<void> => {
    const others = lab.nodes.filter((other) => other !== node).map((other) => `${other.address} ${other.name}\n`);
    await must(
      node,
      `set -e
      printf %s '${others.join('')}' >>/etc/hosts
      apt-get update -qq </dev/null
      DEBIAN_FRONTEND=noninteractive apt-get install -qq -y glusterfs-server </dev/null >/dev/null
      systemctl enable -q --now glusterd
      ${answering}`,
    );
    await node.snapshot('gluster');
  };
  await Promise.all(lab.nodes.map(install));
  return lab;
};

/** All nodes as openGlusterLab has left them. */
export const afresh = async (lab: Lab): Promise<void> => {
  await Promise.all(
    lab.nodes.map(async (node) => {
      await node.restore('gluster');
      await must(node, answering);
    }),
  );
};

/** What mounts touch: folders, units, and what is mounted. */
export const clientListing = async (node: LabNode): Promise<string> => {
  const { stdout } = await node.exec(`
    cd /
    find etc/systemd/system mnt -printf '%p %y %m %u:%g %l\\n' | sort
    find etc/systemd/system -type f -exec md5sum {} + | sort -k 2
    systemctl list-units --all --plain --no-legend 'mnt*'
    findmnt -rn -o TARGET,SOURCE,FSTYPE -t autofs,fuse.glusterfs`);
  return stdout;
};

/** What bricks, peers and volumes touch: folders with marks and contents, what glusterd keeps, and the pool. */
export const listing = async (node: LabNode): Promise<string> => {
  const { stdout } = await node.exec(`
    cd /
    find data var/lib/glusterctl var/lib/glusterd/peers var/lib/glusterd/vols run/glusterctl -printf '%p %y %m %u:%g %l\\n' 2>/dev/null | sort
    find data var/lib/glusterd/peers var/lib/glusterd/vols -type f -exec md5sum {} + | sort -k 2
    getfattr -R --absolute-names -d -m '^trusted' /data
    gluster --mode=script pool list | sort`);
  return stdout;
};
