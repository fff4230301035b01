import { readFileSync } from 'node:fs';
import { readYaml } from './document.ts';

/** Names of the nodes in a cluster file, however wrong the rest of it is; [] where it cannot be read. For completion. */
export const nodeNames = (path: string): string[] => {
  try {
    const { data } = readYaml(readFileSync(path, 'utf8'));
    const nodes = (data as { nodes?: unknown } | undefined)?.nodes;
    return (Array.isArray(nodes) ? nodes : [])
      .map((node) => (node as { name?: unknown } | null)?.name)
      .filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
};
