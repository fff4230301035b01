import type { FileState } from '../../facts/file.ts';

/** Whether the stamp holds the files of a repository as they are: reading its index leaves no other trace. */
export const isIndexed = (stamp: FileState, ...files: readonly FileState[]): boolean =>
  stamp.text !== null && stamp.text === files.map(({ text }) => text ?? '').join('');
