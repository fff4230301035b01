import { z } from 'zod';
import { ClusterFile } from './schema.ts';

/** cluster.schema.json (draft-07) for editors; made from the schema that glusterctl itself checks with. */
export const jsonSchema = (): Record<string, unknown> => {
  const { $schema, ...schema } = z.toJSONSchema(ClusterFile, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'glusterctl cluster file, version 1', ...schema };
};
