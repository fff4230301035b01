import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** A package source as a node has it. */
export interface Repository {
  file: string;
  kind: 'deb' | 'rpm';
  /** apt: URIs. rpm: baseurl, mirrorlist or metalink, variables not filled in. */
  uris: readonly string[];
  /** apt: suites. rpm: the section's name. */
  suites: readonly string[];
  enabled: boolean;
  /** apt: Signed-By. rpm: gpgkey. '' where none is named. */
  key: string;
  /** Packages are taken without a signature: `trusted=yes`, `gpgcheck=0`. */
  unsigned: boolean;
}

/** A deb822 stanza; continued lines start with a space. */
const stanzas = (text: string): Map<string, string>[] =>
  text
    .split(/\n\s*\n/)
    .map((block) =>
      block
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .join('\n'),
    )
    .map(
      (block) =>
        new Map(
          [...block.matchAll(/^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)$/gm)].map((m) => [(m[1] ?? '').toLowerCase(), (m[2] ?? '').trim()]),
        ),
    )
    .filter((fields) => fields.has('uris'));

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

/** A path or fingerprints, or the key itself. */
const keyOf = (signedBy: string): string => (signedBy.includes('-----BEGIN') ? '(in the file)' : signedBy.replace(/\s+/g, ' '));

const parseSources = (file: string, text: string): Repository[] =>
  stanzas(text).map((fields) => ({
    file,
    kind: 'deb',
    uris: words(fields.get('uris')),
    suites: words(fields.get('suites')),
    enabled: !/^(no|false|0|off)$/i.test(fields.get('enabled') ?? 'yes'),
    key: keyOf(fields.get('signed-by') ?? ''),
    unsigned: /^(yes|true|1|on)$/i.test(fields.get('trusted') ?? ''),
  }));

const parseList = (file: string, text: string): Repository[] =>
  [...text.matchAll(/^deb(?:-src)?[ \t]+(?:\[([^\]]*)\][ \t]*)?(\S+)[ \t]+(\S+)(.*)$/gm)]
    .filter((m) => !m[0].startsWith('deb-src'))
    .map(([, options = '', uri = '', suite = '']) => ({
      file,
      kind: 'deb' as const,
      uris: [uri],
      suites: [suite],
      enabled: true,
      key: /signed-by=(\S+)/i.exec(options)?.[1] ?? '',
      unsigned: /trusted=(yes|true|1)/i.test(options),
    }));

const parseRepo = (file: string, text: string): Repository[] =>
  text
    .split(/^(?=\[)/m)
    .filter((section) => section.startsWith('['))
    .map((section) => {
      const value = (key: string) => new RegExp(`^${key}[ \\t]*=[ \\t]*(.*)$`, 'm').exec(section)?.[1]?.trim() ?? '';
      return {
        file,
        kind: 'rpm' as const,
        uris: ['baseurl', 'mirrorlist', 'metalink'].flatMap((key) => words(value(key))),
        suites: [/^\[([^\]]*)\]/.exec(section)?.[1] ?? ''],
        enabled: value('enabled') !== '0',
        key: value('gpgkey'),
        unsigned: value('gpgcheck') === '0',
      };
    });

/** All package sources in apt's and in dnf's and yum's folders, whichever the node uses. */
export const repositories: Fact<readonly Repository[]> = {
  id: 'repositories',
  read: sh`
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources /etc/yum.repos.d/*.repo; do
      [ -f "$f" ] || continue
      printf '%s\n' "$f"
      base64 -w0 -- "$f"
      echo
    done`,
  parse: ({ stdout }) => {
    const lines = stdout.split('\n');
    const found: Repository[] = [];
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const file = lines[i] ?? '';
      const text = Buffer.from(lines[i + 1] ?? '', 'base64')
        .toString('utf8')
        .replaceAll('\r\n', '\n');
      const parse = file.endsWith('.repo') ? parseRepo : file.endsWith('.sources') ? parseSources : parseList;
      found.push(...parse(file, text));
    }
    return found;
  },
};
