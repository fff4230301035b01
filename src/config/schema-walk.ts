import type { z } from 'zod';
import type { Path } from './problem.ts';

export type Schema = z.core.$ZodType;

/** The schema under wrappers that change nothing about what may be written. */
const bare = (schema: Schema): Schema => {
  const { def } = schema._zod as unknown as { def: { type: string; innerType?: Schema } };
  return def.innerType ? bare(def.innerType) : schema;
};

type Def = { type: string; shape?: Record<string, Schema>; element?: Schema; valueType?: Schema; options?: Schema[] };
export const defOf = (schema: Schema): Def => bare(schema)._zod.def as unknown as Def;

export const kindOf = (schema: Schema | undefined): string => schema?._zod.def.type ?? '';

/** What a schema says is allowed instead of this text; null when it takes the text. */
export const faultIn = (schema: Schema | undefined, text: string): string | null =>
  schema === undefined ? null : ((schema as z.ZodType).safeParse(text).error?.issues[0]?.message ?? null);

/** Schemas that a path leads to; several behind a union. */
export const schemasAt = (schema: Schema, path: Path): Schema[] => {
  const def = defOf(schema);
  if (def.options) return def.options.flatMap((option) => schemasAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  const next = def.shape?.[String(step)] ?? def.element ?? def.valueType;
  return next ? schemasAt(next, rest) : [];
};

export const keysAt = (schema: Schema, path: Path): string[] =>
  schemasAt(schema, path).flatMap((found) => Object.keys(defOf(found).shape ?? {}));

/** Every place in the schema that has a key of this name: `nodes[].disks`. */
export const homesOf = (schema: Schema, key: string, path = ''): string[] => {
  const { shape, element, options } = defOf(schema);
  if (options) return options.flatMap((option) => homesOf(option, key, path));
  if (element) return homesOf(element, key, `${path}[]`);
  return Object.entries(shape ?? {}).flatMap(([name, inner]) => [
    ...(name === key ? [path] : []),
    ...homesOf(inner, key, path === '' ? name : `${path}.${name}`),
  ]);
};

/** What the schema says a key is for. */
export const describe = (schema: Schema, path: Path): string | null => {
  const text = (item: Schema | undefined): string | null =>
    item && 'description' in item ? ((item as z.ZodType).description ?? null) : null;
  const parent = schemasAt(schema, path.slice(0, -1)).map((found) => defOf(found).shape?.[String(path.at(-1))]);
  return text(parent.find((found) => text(found) !== null));
};
