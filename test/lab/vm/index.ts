export type { DiskSpec } from './disks.ts';
export type { Image } from './image.ts';
export { type ClusterYamlOptions, VmLab } from './lab.ts';
export { type Disk, FIRST_SLOT, ROOT_SLOT } from './machine.ts';
export { VmNode } from './node.ts';
export { attachVms, openVms, type VmOptions } from './open.ts';
export { downVms, labNames } from './state.ts';
