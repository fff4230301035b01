import type { WizardState } from './answers.ts';
import { nameHosts } from './names.ts';
import type { QuestionId, QuestionOf } from './questions.ts';

/** What may be done with the file that is shown at the end. */
export type ReviewAnswer = 'write' | 'leave' | 'zones' | Extract<QuestionId, 'hosts' | 'use' | 'gluster' | 'bricks' | 'layout'>;

const choices = (replaces: boolean, file: string): readonly { value: ReviewAnswer; title: string }[] => [
  { value: 'write', title: replaces ? `replace ${file}` : `write ${file}` },
  { value: 'layout', title: 'change the layout' },
  { value: 'bricks', title: 'change disks and folders' },
  { value: 'gluster', title: 'change the version of GlusterFS' },
  { value: 'zones', title: 'group the nodes into zones that fail together (racks, rooms)' },
  { value: 'use', title: 'change who mounts the volume' },
  { value: 'hosts', title: 'change the hosts' },
  { value: 'leave', title: 'leave without writing; the answers are kept' },
];

/** The last question. `replaces`: a file of that name is there. */
export const reviewQuestion = (text: string, file: string, replaces: boolean): QuestionOf<'review'> => ({
  id: 'review',
  kind: 'one',
  text: replaces ? `${file} is there already. What now?` : `Write this to ${file}?`,
  hint: '',
  show: `\n${text}`,
  flag: '--force',
  choices: choices(replaces, file),
  default: replaces ? 'leave' : 'write',
});

const PAIR = /^([^=]+)=([A-Za-z0-9][A-Za-z0-9._:/-]*)$/;
const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

export const zonesQuestion = (state: WizardState): QuestionOf<'zones'> => {
  const names = nameHosts(state.answers, state.looks)
    .filter(({ server }) => server)
    .map(({ name }) => name);
  return {
    id: 'zones',
    kind: 'text',
    text: 'Zones',
    hint: 'NODE=ZONE ..., a node that is left out is a zone of its own',
    show: '',
    flag: '--zone NODE=ZONE',
    default: names.map((name) => `${name}=${state.answers.zones?.[name] ?? name}`).join(' '),
    check: (text) => {
      for (const word of wordsOf(text)) {
        const [, name] = PAIR.exec(word) ?? [];
        if (name === undefined) return `${word}: NODE=ZONE, of letters, digits and "._:/-"`;
        if (!names.includes(name)) return `there is no server ${name}; there are ${names.join(', ')}`;
      }
      return null;
    },
  };
};

/** A node whose zone is its own name says nothing that is not so anyway. */
export const giveZones = (state: WizardState, text: string): WizardState => {
  const pairs = wordsOf(text).map((word) => PAIR.exec(word));
  const zones = Object.fromEntries(
    pairs.flatMap((m) => (m?.[1] !== undefined && m[2] !== undefined && m[1] !== m[2] ? [[m[1], m[2]]] : [])),
  );
  return { ...state, answers: { ...state.answers, zones } };
};

/** What to do next, for the last line. */
export const nextCommand = (file: string): string => `glusterctl plan${file === 'cluster.yaml' ? '' : ` -c ${file}`}`;
