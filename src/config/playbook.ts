import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Playbook } from '../model/plan.ts';
import type { Step } from '../model/step.ts';
import { shipped } from '../shipped.ts';

const Stage = z.strictObject({ id: z.string(), title: z.string(), steps: z.array(z.string()).min(1) });
const PlaybookFile = z.strictObject({ id: z.string(), title: z.string(), stages: z.array(Stage).min(1) });

/** Throws when a step is unknown or a stage mixes node steps with pool steps: there is no order between the two. */
export const parsePlaybook = (text: string, stepById: (id: string) => Step): Playbook => {
  const book = PlaybookFile.parse(parse(text));
  for (const stage of book.stages) {
    const scopes = new Set(stage.steps.map((id) => stepById(id).scope));
    if (scopes.size > 1) throw new Error(`playbook ${book.id}: stage ${stage.id} mixes node steps and pool steps`);
  }
  return book;
};

/** The files that are shipped in playbooks/. */
export type PlaybookName = 'apply' | 'prepare' | 'heketi' | 'replace' | 'rejoin';

export const loadPlaybook = (name: PlaybookName, stepById: (id: string) => Step): Playbook =>
  parsePlaybook(readFileSync(shipped(`playbooks/${name}.yaml`), 'utf8'), stepById);
