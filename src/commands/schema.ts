import { jsonSchema } from '../config/json-schema.ts';
import { EXIT } from '../errors.ts';
import type { Invocation } from './invocation.ts';

export const run = async ({ output }: Invocation): Promise<number> => {
  output.out(JSON.stringify(jsonSchema(), null, 2));
  return EXIT.ok;
};
