import type { Draft, Fail } from '../draft.ts';
import type { HeketiInput } from '../schema/heketi.ts';
import type { NodeInput } from '../schema/node.ts';
import { knownName } from './names.ts';

/** Copies that Heketi makes when nothing else is asked for. */
const COPIES = 3;

type WithDisks = { disks: readonly ({ use: string } | null)[] };
const gives = ({ disks }: WithDisks): boolean => disks.some((disk) => disk?.use === 'heketi');

/** Where Heketi runs, and what from. */
export const checkHeketi = ({ heketi, nodes, nodeNames }: Draft, fail: Fail): void => {
  if (heketi === null) return;
  const { node: name, archive, sha256 } = heketi;
  if (name === undefined) {
    for (const key of ['port', 'archive', 'sha256', 'ssh'] as const)
      if (heketi[key] !== undefined)
        fail(['heketi', key], 'does nothing without heketi.node', {
          at: 'key',
          suggestion: 'add node: with the server that Heketi is to run on',
        });
    return;
  }
  if (archive !== undefined && sha256 === undefined)
    fail(['heketi', 'archive'], 'an archive needs its checksum', { suggestion: 'add sha256:' });
  if (archive === undefined && sha256 !== undefined)
    fail(['heketi', 'sha256'], 'a checksum without an archive', { suggestion: 'add archive:, or leave both out for the package' });
  const node = nodes.find((item) => item?.name === name);
  if (!knownName('node', name, nodeNames, ['heketi', 'node'], fail) || !node) return;
  if (!node.roles.includes('server'))
    fail(['heketi', 'node'], `${name} has not the role server`, { suggestion: 'Heketi runs on a server of the pool here' });
  if (!nodes.some((item) => item === null || (item.roles.includes('server') && gives(item))))
    fail(['heketi', 'node'], 'no server has a disk with use: heketi', { suggestion: 'give Heketi blank disks: use: heketi' });
};

/** Remarks on a Heketi that glusterctl installs. */
export const aboutHeketi = ({ node }: HeketiInput, nodes: readonly NodeInput[]): string[] => {
  if (node === undefined) return [];
  const givers = nodes.filter(gives).length;
  return [
    'the Heketi project is archived: nobody mends it any more; Kubernetes 1.26 and newer cannot use it',
    ...(givers < COPIES
      ? [
          `Heketi puts ${COPIES} copies on ${COPIES} nodes, and ${givers} of the file ${givers === 1 ? 'has' : 'have'} a disk for it: it will say "No space"`,
        ]
      : []),
  ];
};
