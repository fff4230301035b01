import type { Leg } from '../../shrink/legs.ts';
import type { RunContext } from '../context.ts';

/** Says that a leg begins and ends. */
export const stages = async <T>(
  { emit }: Pick<RunContext, 'emit'>,
  node: string,
  { id, title, changes }: Leg,
  work: () => Promise<T>,
): Promise<T> => {
  const began = performance.now();
  emit({ type: 'stage.started', stage: id, title, nodes: [node], changes: changes.length });
  try {
    return await work();
  } finally {
    emit({ type: 'stage.finished', stage: id, ms: Math.round(performance.now() - began) });
  }
};
