import { isIP } from 'node:net';
import { z } from 'zod';
import { parseSize, SIZE_PATTERN } from '../size.ts';

// Patterns are in the subset that JSON Schema shares with JavaScript (and valid with its u flag).
// The text beside each says what is allowed: it ends in the error as it stands.

const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const HOST = `${LABEL}(\\.${LABEL})*`;
const URL_CHARS = "[A-Za-z0-9._~%!&()*+,;=:@/?'-]";

export const word = (pattern: RegExp, allowed: string, max = 255) =>
  z
    .string()
    .max(max, { error: `at most ${max} characters`, abort: true })
    .regex(pattern, { error: allowed, abort: true });

export const label = (max = 63) =>
  word(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, ".", "_" and "-", the first a letter or digit', max);

/** RFC 1123; the last label is not all digits, so that no resolver takes it for an address. */
export const nodeName = () =>
  word(
    new RegExp(`^(?!(.*\\.)?[0-9]+$)(?![Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]$)${HOST}$`),
    'a host name: labels of letters, digits and "-", separated by "."; not localhost, not an IP address',
    253,
  );

const isHost = (text: string): boolean =>
  isIP(text) !== 0 || /^(?!(.*\.)?[0-9]+$)[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$/.test(text);

/** Where something is reached; "_" because names out of ~/.ssh/config may have it. */
export const address = () =>
  word(/^[A-Za-z0-9:][A-Za-z0-9:._%-]*$/, 'an IPv4 or IPv6 address (without brackets) or a host name', 253).refine(isHost, {
    message: 'an IPv4 or IPv6 address (without brackets) or a host name',
    params: { allowed: true },
  });

/** A path on a node: it goes into fstab, unit names and gluster's files, so the set is small. */
export const nodePath = (max = 1000) =>
  word(
    /^(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9_.+@=-]+)+$/,
    'an absolute path of letters, digits and "_.+@=-", without "..", "//" or a "/" at the end',
    max,
  );

/** Names under /dev hold colons and hashes (by-path, by-id), and backslashes where udev has escaped a character. */
export const devicePath = () =>
  word(/^(?!.*\/\.{1,2}(\/|$))\/dev(\/[A-Za-z0-9_.+@=:#\\-]+)+$/, 'a path under /dev, such as /dev/vdb', 1000);

/** A path on the operator's machine; relative ones start at the file's folder. */
export const localPath = () =>
  word(
    /^(?![A-Za-z][A-Za-z0-9+.-]*:\/\/)(?!~[^/])[^\s\p{Cc}\p{Cf}]([^\p{Cc}\p{Cf}]*[^\s\p{Cc}\p{Cf}])?$/u,
    'a path on this machine, such as ~/keys/gluster.asc; "~user" is not expanded',
    4096,
  );

/** A path on the operator's machine, or a URL. */
export const localPathOrUrl = (schemes: 'https' | 'https?') =>
  word(
    new RegExp(
      `^(${schemes}://${URL_CHARS}+|(?![A-Za-z][A-Za-z0-9+.-]*://)(?!~[^/])[^\\s\\p{Cc}\\p{Cf}]([^\\p{Cc}\\p{Cf}]*[^\\s\\p{Cc}\\p{Cf}])?)$`,
      'u',
    ),
    `a path on this machine or ${schemes === 'https' ? 'an https URL' : 'an http or https URL'}`,
    4096,
  );

/** No user or password in it: it stands in the plan and in the nodes' source lists. No `$`: dnf expands it. */
export const treeUrl = () =>
  word(
    /^https?:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\/[A-Za-z0-9._~%!&()*+,;=:@-]+)*\/?$/,
    'an http or https URL without user, password, query or fragment',
    2000,
  );

/**
 * The grammar of github.com/distribution/reference, with the registry always written out: without it podman looks the name up
 * in the node's own list of registries, and docker in Docker's.
 */
export const imageReference = () =>
  word(
    new RegExp(
      `^(localhost(:[0-9]{1,5})?|${HOST}:[0-9]{1,5}|${LABEL}(\\.${LABEL})+)(/[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`,
    ),
    'an image with its registry and a tag or digest: registry.example/glusterfs:10.3, or ...@sha256: and 64 hexadecimal digits',
    400,
  );

/** 40 hexadecimal digits (OpenPGP v4) or 64 (v6), blanks between them as gpg prints them. */
export const fingerprint = () =>
  word(
    /^[0-9A-Fa-f](( | {2})?[0-9A-Fa-f]){39}((( | {2})?[0-9A-Fa-f]){24})?$/,
    'a whole fingerprint: 40 hexadecimal digits, blanks allowed',
    200,
  );

export const size = () =>
  word(SIZE_PATTERN, 'a number and a unit: K, M, G, T, P or KiB, MiB, GiB, TiB, PiB, all of them binary; such as 30GiB', 32).refine(
    (text) => parseSize(text) !== null,
    { message: 'a whole number of bytes, more than 0 and less than 8 PiB', params: { allowed: true } },
  );

/** A list in which nothing stands twice. */
export const unique = <T extends z.ZodType>(list: z.ZodArray<T>) =>
  list
    .check(({ value, issues }) => {
      value.forEach((item, i) => {
        if (value.indexOf(item) < i) issues.push({ code: 'custom', input: item, path: [i], message: 'stands in the list twice' });
      });
    })
    .meta({ uniqueItems: true });
