import { deviceName, type Topology } from './topology.ts';

/** Charts that run GlusterFS and Heketi in Kubernetes, and how each wants the topology. */
export const CHARTS = ['ibm', 'acaleph'] as const;
export type Chart = (typeof CHARTS)[number];

/**
 * ibm: ibm-glusterfs 1.4.0 (IBM/charts, stable), which knows no zones. acaleph: incubator/glusterfs 0.1.0 of AcalephStorage/charts,
 * which takes the node's address for both names. Other values keep their defaults.
 */
export const valuesFor = (chart: Chart, { clusters }: Topology): Readonly<Record<string, unknown>> => {
  const nodes = clusters.flatMap((cluster) => cluster.nodes);
  if (chart === 'ibm')
    return {
      heketiTopology: nodes.map(({ node: { hostnames }, devices }) => ({
        k8sNodeName: hostnames.manage[0],
        k8sNodeIp: hostnames.storage[0],
        devices: devices.map(deviceName),
      })),
    };
  return {
    topology: nodes.map(({ node: { hostnames, zone }, devices }) => ({
      node: { hostnames: { manage: hostnames.storage, storage: hostnames.storage }, zone },
      devices: devices.map(deviceName),
    })),
  };
};
