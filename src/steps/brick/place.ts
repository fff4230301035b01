export const isIn = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The innermost of the mount points of a node's disks that the path lies on; null where it lies on none. */
export const diskMount = (path: string, disks: readonly { mount: string | null }[]): string | null =>
  disks.flatMap(({ mount }) => (mount !== null && isIn(mount, path) ? [mount] : [])).sort((a, b) => b.length - a.length)[0] ?? null;
