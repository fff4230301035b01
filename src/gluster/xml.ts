import { XMLParser } from 'fast-xml-parser';

/** One element. Attributes have `@` before their name, the text of an element that has both is at `#text`. */
export interface Xml {
  readonly [name: string]: unknown;
}

/** Everything stays text and everything is a list: `<port>N/A</port>` and a volume that is the only one need no special case. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

const isXml = (value: unknown): value is Xml => typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return parser.parse(text);
  } catch {
    return null;
  }
};

/** The root element of the first document in the text; null where there is none, or it is cut off or broken. */
export const parseXml = (text: string, root: string): Xml | null => {
  const from = text.indexOf('<?xml');
  const end = text.indexOf(`</${root}>`, from);
  if (from === -1 || end === -1) return null;
  const document = parse(text.slice(from, end + root.length + 3));
  return (isXml(document) && all(document, root)[0]) || null;
};

/** Child elements of that name, empty ones as {}. */
export const all = (parent: Xml | undefined, name: string): Xml[] => {
  const found = parent?.[name];
  return Array.isArray(found) ? found.map((one: unknown) => (isXml(one) ? one : one === '' ? {} : { '#text': String(one) })) : [];
};

/** The element at the end of a path of first children. */
export const at = (parent: Xml | undefined, ...path: readonly string[]): Xml | undefined =>
  path.reduce<Xml | undefined>((node, name) => all(node, name)[0], parent);

/** Text of the first child of that name; '' where it is empty or not there. */
export const text = (parent: Xml | undefined, name: string): string => own(all(parent, name)[0]);

/** Text of the element itself. */
export const own = (node: Xml | undefined): string => {
  const value = node?.['#text'];
  return typeof value === 'string' ? value.trim() : '';
};

/** A whole number, or null for `-`, `N/A` and what is not there. */
export const count = (parent: Xml | undefined, name: string): number | null => {
  const value = text(parent, name);
  return /^-?\d+$/.test(value) ? Number(value) : null;
};

export const attribute = (node: Xml | undefined, name: string): string => {
  const value = node?.[`@${name}`];
  return typeof value === 'string' ? value : '';
};
