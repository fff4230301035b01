import { removeFile, writeFile } from '../change.ts';
import { fileState } from '../facts/file.ts';
import type { Change } from '../model/change.ts';
import type { Answers } from '../model/fact.ts';

const NO_GROW = '/etc/cloud/cloud.cfg.d/99-glusterctl-nogrow.cfg';
const NO_GROWROOT = '/etc/growroot-disabled';
/** cloud-init's cc_growpart and cc_resizefs run at every boot; a bare `off` would be YAML's false. */
const NO_GROW_TEXT = `# Written by glusterctl: the room behind root belongs to another partition.\ngrowpart:\n  mode: "off"\nresize_rootfs: false\n`;

export const growerFacts = { noGrow: fileState(NO_GROW), noGrowroot: fileState(NO_GROWROOT) };

/** What grows root at every boot of a cloud server is switched off, by files that only add to what is there. */
export const growers = ({ noGrow, noGrowroot }: Answers<typeof growerFacts>, cloudInit: boolean): Change[] => [
  ...(cloudInit && noGrow.text !== NO_GROW_TEXT ? [writeFile(NO_GROW, NO_GROW_TEXT, noGrow)] : []),
  ...(cloudInit && noGrowroot.text === null ? [writeFile(NO_GROWROOT, '', noGrowroot)] : []),
];

/** The same files taken away, as far as they are ours. */
export const growersBack = ({ noGrow, noGrowroot }: Answers<typeof growerFacts>): Change[] => {
  if (noGrow.text !== NO_GROW_TEXT) return [];
  const gone = removeFile(NO_GROW, { ...noGrow, text: noGrow.text });
  return noGrowroot.text === '' ? [gone, removeFile(NO_GROWROOT, { ...noGrowroot, text: '' })] : [gone];
};
