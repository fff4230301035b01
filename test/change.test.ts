import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeFile, writeFile } from '../src/change.ts';
import { type FileState, fileBytes, fileState, fileText } from '../src/facts/file.ts';
import type { Change } from '../src/model/change.ts';
import { type Sh, sh } from '../src/sh.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'change-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const root = process.getuid?.() === 0;

const run = (script: Sh, shell = 'dash') => spawnSync(shell, ['-s'], { input: `(\n${script.text}\n)`, encoding: 'utf8' });
const ok = (script: Sh, shell = 'dash') => {
  const { status, stderr } = run(script, shell);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
};
const look = (path: string): FileState => {
  const fact = fileState(path);
  const { stdout, status } = run(fact.read);
  return fact.parse({ stdout, code: status ?? 1 });
};
const undo = (change: Change) => {
  if (change.undo === 'nothing') throw new Error('has no undo');
  return change.undo;
};

/** Everything below a folder: content, mode, owner, links. */
const tree = (at: string): unknown[] =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, uid, gid } = lstatSync(path);
      const content = entry.isFile() ? readFileSync(path).toString('base64') : entry.isSymbolicLink() ? readlinkSync(path) : '';
      return [path, mode, uid, gid, content];
    })
    .sort();

describe('the bytes of a file as text', () => {
  it('are the same bytes again, whatever they are', () => {
    const kept = (bytes: Buffer) => fileBytes(fileText(bytes)).equals(bytes);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => kept(Buffer.from(bytes))));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fileText(Buffer.from(text)) === text && kept(Buffer.from(text))));
  });
  it('keep what is UTF-8 readable next to what is not', () => {
    expect(fileText(Buffer.from('# B\xfcro 1, caf\xc3\xa9', 'latin1'))).toBe('# B\udcfcro 1, café');
  });
});

describe.each(['dash', 'bash'])('writeFile under %s', (shell) => {
  it('puts any bytes there, and puts any bytes back', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((b) => Buffer.from(b)),
      fc.string({ unit: 'grapheme' }).map((s) => Buffer.from(s)),
    );
    fc.assert(
      fc.property(fc.option(bytes), bytes, (before, after) => {
        const path = join(dir, 'a file');
        rmSync(path, { force: true });
        if (before) writeFileSync(path, before);
        const change = writeFile(path, fileText(after), look(path));
        ok(change.do, shell);
        expect(readFileSync(path)).toEqual(after);
        ok(change.verify, shell);
        ok(undo(change), shell);
        if (before) expect(readFileSync(path)).toEqual(before);
        else expect(readdirSync(dir)).toEqual([]);
        if (!before?.equals(after)) expect(run(change.verify, shell).status).not.toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps mode and owner of a file that is there, and restores both', () => {
    const path = join(dir, 'f');
    writeFileSync(path, 'old\n');
    if (root) chownSync(path, 12, 34);
    chmodSync(path, 0o640);
    const before = tree(dir);
    const change = writeFile(path, 'new', look(path));
    ok(change.do, shell);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    if (root) expect([statSync(path).uid, statSync(path).gid]).toEqual([12, 34]);
    chmodSync(path, 0o777);
    if (root) chownSync(path, 0, 0);
    ok(undo(change), shell);
    ok(undo(change), shell);
    expect(tree(dir)).toEqual(before);
  });

  it('makes the folder, readable for all whatever the umask, and takes it away again only when it is empty', () => {
    const path = join(dir, 'keyrings/key.asc');
    const change = writeFile(path, 'k', look(path), '0600');
    expect(look(path).parent).toBe(false);
    ok(sh`umask 077; ${change.do}`, shell);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o755);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    ok(change.do, shell);
    ok(undo(change), shell);
    expect(readdirSync(dir)).toEqual([]);
    ok(undo(change), shell);
    ok(change.do, shell);
    writeFileSync(join(dirname(path), 'of-somebody-else'), '');
    ok(undo(change), shell);
    expect(readdirSync(dirname(path))).toEqual(['of-somebody-else']);
  });

  it('writes through a link, and leaves the link, also where it leads to nothing yet', () => {
    mkdirSync(join(dir, 'real'));
    symlinkSync('real/target', join(dir, 'link'));
    const empty = tree(dir);
    const create = writeFile(join(dir, 'link'), 'one', look(join(dir, 'link')));
    ok(create.do, shell);
    expect(readFileSync(join(dir, 'real/target'), 'utf8')).toBe('one');
    const full = tree(dir);
    const update = writeFile(join(dir, 'link'), 'two', look(join(dir, 'link')));
    ok(update.do, shell);
    expect(readFileSync(join(dir, 'real/target'), 'utf8')).toBe('two');
    ok(undo(update), shell);
    expect(tree(dir)).toEqual(full);
    ok(undo(create), shell);
    expect(tree(dir)).toEqual(empty);
  });

  it('leaves nothing of an attempt that was killed, neither done again nor undone', () => {
    const path = join(dir, 'f');
    const change = writeFile(path, 'new', look(path));
    writeFileSync(`${path}.glusterctl`, 'ne');
    ok(undo(change), shell);
    expect(readdirSync(dir)).toEqual([]);
    writeFileSync(`${path}.glusterctl`, 'ne');
    ok(change.do, shell);
    expect(readdirSync(dir)).toEqual(['f']);
  });

  it('says that the disk is full, and leaves the old file', () => {
    const path = join(dir, 'f');
    writeFileSync(path, 'old');
    const before = tree(dir);
    const change = writeFile(path, 'x'.repeat(70_000), look(path));
    // A limit on the size of files is a full disk that every user can have.
    const { status, stderr } = run(sh`trap '' XFSZ; ulimit -f 8; ${change.do}`, shell);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/too large/i);
    expect(tree(dir)).toEqual(before);
  });

  it('does not move the file into a folder of that name', () => {
    mkdirSync(join(dir, 'f'));
    const change = writeFile(join(dir, 'f'), 'new', look(join(dir, 'f')));
    expect(run(change.do, shell).status).not.toBe(0);
    expect(readdirSync(join(dir, 'f'))).toEqual([]);
  });
});

describe('removeFile', () => {
  it('takes the file away and brings it back as it was, behind a link too', () => {
    writeFileSync(join(dir, 'target'), 'text\n\n');
    chmodSync(join(dir, 'target'), 0o604);
    symlinkSync('target', join(dir, 'link'));
    for (const name of ['link', 'target']) {
      const before = tree(dir);
      const was = look(join(dir, name));
      const change = removeFile(join(dir, name), { ...was, text: was.text ?? '' });
      expect(run(change.verify).status).not.toBe(0);
      ok(change.do);
      ok(change.do);
      ok(change.verify);
      ok(undo(change));
      expect(tree(dir)).toEqual(before);
    }
  });
});

describe('what a plan shows', () => {
  it('is the text itself where a shell can hold it', () => {
    const was = { text: null, mode: '', owner: '', parent: true };
    expect(writeFile('/etc/f', 'grün\n', was).do.text).toContain('grün');
    expect(writeFile('/etc/f', 'a\0b', was).do.text).not.toContain('\0');
  });
});
