import { createReadStream } from 'node:fs';
import type { CheckedImage } from '../../image/image.ts';
import { sh } from '../../sh.ts';
import { imageState } from '../../shrink/grml.ts';
import type { ShrinkPlan } from '../../shrink/plan.ts';
import type { Visit } from './visit.ts';

/** Bytes a second that a line has to have; a slower one is given up. */
const SLOWEST = 50_000;

/** Copies the image to the node, or what is missing of it. Whether it has come whole is for the change that puts it in its place. */
export const upload = async (
  { host }: Visit,
  local: CheckedImage,
  to: NonNullable<ShrinkPlan['image']>,
  say: (text: string) => void,
): Promise<void> => {
  const { stdout, code } = await host.run(imageState(to.path, local.sha256).text);
  const there = stdout.trim();
  // Of that name, and another: that is said by the change.
  if (code === 0 || there === '') return;
  let from = Number(there);
  if (from > local.size) {
    await host.run(sh`rm -f -- ${to.part}`.text);
    from = 0;
  }
  if (from === local.size) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  say(from === 0 ? `copying the image, ${megabytes(local.size)}` : `copying the rest of the image, ${megabytes(local.size - from)}`);
  const timeout = 600_000 + (local.size / SLOWEST) * 1000;
  await host.append(to.part, createReadStream(local.path, { start: from }), { timeout });
};
