export type { ClusterYamlOptions } from './cluster-yaml.ts';
export { down } from './down.ts';
export { password } from './image.ts';
export type { Lab, Repositories } from './lab.ts';
export type { ExecOptions, LabNode } from './node.ts';
export { attachLab, openLab } from './open.ts';
export type { LabOptions } from './start.ts';
export { openTargets, type Targets, type TargetsOptions } from './targets.ts';
