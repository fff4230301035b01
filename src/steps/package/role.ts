import type { Cluster, Node } from '../../model/cluster.ts';

/** What packages of GlusterFS make of each node; a server whose glusterd runs in a container needs none, unless it also mounts. */
export const packageRoles = ({ gluster, nodes }: Cluster): { name: string; role: 'server' | 'client' }[] => {
  const roleOf = ({ roles }: Node): 'server' | 'client' | null => {
    if (gluster.container === undefined) return roles.includes('server') ? 'server' : 'client';
    return roles.includes('client') ? 'client' : null;
  };
  return nodes.flatMap((node) => {
    const role = roleOf(node);
    return role === null ? [] : [{ name: node.name, role }];
  });
};
