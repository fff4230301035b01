import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { masked, type YamlFile } from './document.ts';
import type { Path } from './problem.ts';
import { defOf, describe, faultIn, homesOf, keysAt, kindOf, type Schema, schemasAt } from './schema-walk.ts';

/** A problem whose place is still a path. */
export interface Fault {
  path: Path;
  at: 'key' | 'value';
  message: string;
  found: string | null;
  allowed: string | null;
  suggestion: string | null;
}

type Issue = z.core.$ZodIssue;
const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (value !== null && typeof value === 'object' ? (value as Record<string | number, unknown>)[step] : undefined),
    data,
  );

const show = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value !== null && typeof value === 'object') return 'keys and values';
  const text = value === null ? 'nothing' : masked(JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
};

/** YAML 1.2 reads yes, no, on and off as text; YAML 1.1 did not. */
const asBoolean = (value: unknown): string | null =>
  typeof value === 'string' && /^(y|yes|on|true)$/i.test(value)
    ? 'true'
    : typeof value === 'string' && /^(n|no|off|false)$/i.test(value)
      ? 'false'
      : null;

/** Turns zod's issues into faults, each with what was found, what is allowed and what was probably meant. */
export const faultsOf = (issues: readonly Issue[], file: YamlFile, schema: Schema): Fault[] => {
  const fault = (path: Path, message: string, more: Partial<Fault> = {}): Fault => ({
    path,
    at: 'value',
    message,
    found: null,
    allowed: null,
    suggestion: null,
    ...more,
  });

  const unknownKey = (path: Path, key: string): Fault => {
    const allowed = keysAt(schema, path);
    const near = nearest(key, allowed);
    const homes = near === null ? homesOf(schema, key) : [];
    const hint =
      near !== null
        ? `did you mean ${near}?`
        : homes.length > 0
          ? `${key} belongs ${homes.map((home) => (home === '' ? 'at the top' : `into ${home}`)).join(' or ')}`
          : null;
    const message = `there is no key ${JSON.stringify(key)} here`;
    return fault([...path, key], message, {
      at: 'key',
      allowed: allowed.length > 0 ? allowed.join(', ') : 'no keys at all',
      suggestion: hint,
    });
  };

  const noValue = (path: Path, allowed: string): Fault => {
    const optional = schemasAt(schema, path.slice(0, -1)).some((holder) =>
      ['optional', 'default'].includes(kindOf(defOf(holder).shape?.[String(path.at(-1))])),
    );
    return fault(path, 'has no value', { allowed, suggestion: optional ? 'give it a value, or leave the key out' : 'give it a value' });
  };

  const wrongKind = (path: Path, value: unknown, expected: string): Fault => {
    if (value === null) return noValue(path, KINDS[expected] ?? expected);
    const written = file.written(path);
    const truth = expected === 'boolean' ? asBoolean(value) : null;
    if (expected !== 'string' || written === null || typeof value === 'object') {
      return fault(path, `has to be ${KINDS[expected] ?? expected}`, { found: show(value), suggestion: truth && `write ${truth}` });
    }
    // What would be said of the same in quotes.
    const wrong = faultIn(schemasAt(schema, path)[0], written);
    return fault(path, 'has to be text', {
      found: `${written}, which YAML reads as ${typeof value === 'boolean' ? 'true or false' : `the number ${String(value)}`}`,
      allowed: wrong ?? describe(schema, path),
      suggestion: wrong === null ? `put it in quotes: "${written}"` : null,
    });
  };

  const one = (issue: Issue, base: Path): Fault[] => {
    const path = [...base, ...(issue.path as Path)];
    const value = valueAt(file.data, path);
    if (value === undefined && issue.code !== 'unrecognized_keys' && issue.code !== 'custom') {
      return [fault(path, `${JSON.stringify(path.at(-1) ?? '')} is missing`, { allowed: describe(schema, path) })];
    }
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey(path, key));
      case 'invalid_type':
        return [wrongKind(path, value, issue.expected)];
      case 'invalid_value': {
        const values = issue.values.map(String);
        if (value === null)
          return [fault(path, 'has no value', { allowed: values.join(', '), suggestion: 'give it a value, or leave the key out' })];
        const near = typeof value === 'string' ? nearest(value, values) : null;
        return [
          fault(path, 'is not one of the allowed values', {
            found: show(value),
            allowed: values.join(', '),
            suggestion: near && `did you mean ${near}?`,
          }),
        ];
      }
      case 'invalid_key':
        return [
          fault(path, 'cannot be used as a name here', {
            at: 'key',
            found: show(path.at(-1)),
            allowed: issue.issues.map(({ message }) => message).join('; '),
          }),
        ];
      case 'invalid_union': {
        // The branch that the value was meant for is the one that does not fault its kind.
        const meant = issue.errors.find((errors) =>
          errors.some((e) => e.path.length > 0 || (e.code !== 'invalid_type' && e.code !== 'invalid_value')),
        );
        if (meant) return meant.flatMap((inner) => one(inner, path));
        const values = issue.errors.flat().flatMap((e) => (e.code === 'invalid_value' ? e.values.map(String) : []));
        const kinds = issue.errors.flat().flatMap((e) => (e.code === 'invalid_type' ? [KINDS[e.expected] ?? e.expected] : []));
        const first = issue.errors.flat()[0];
        if (values.length === 0 && first?.code === 'invalid_type' && file.written(path) !== null)
          return [wrongKind(path, value, first.expected)];
        return [
          fault(path, 'is of the wrong kind', {
            found: show(value),
            allowed: [...new Set(kinds), ...(values.length > 0 ? [values.join(', ')] : [])].join(', or '),
          }),
        ];
      }
      case 'custom':
        if (issue.params?.allowed === true) return [fault(path, 'is not allowed', { found: show(value), allowed: issue.message })];
        return [fault(path, issue.message, { found: show(value) })];
      default:
        return [fault(path, 'is not allowed', { found: show(value), allowed: issue.message })];
    }
  };
  return issues.flatMap((issue) => one(issue, []));
};
