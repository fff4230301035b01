import { stringify } from 'yaml';
import type { K8sObject } from '../k8s/object.ts';

export const WRITTEN = '# Written by glusterctl\n';

/** kubectl reads YAML 1.1, where `on` and `1e3` are no text and have to be quoted; long lines stay whole. */
const document = (object: K8sObject): string => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });

/** Values for a Helm chart. */
export const valuesText = (values: Readonly<Record<string, unknown>>): string =>
  `${WRITTEN}${stringify(values, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;

/** A stream of documents that kubectl takes. */
export const manifestText = (objects: readonly K8sObject[]): string => `${WRITTEN}${objects.map(document).join('---\n')}`;
