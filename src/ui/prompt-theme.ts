import type { Output } from './output.ts';
import { paint } from './paint.ts';

/** inquirer decides by itself about colours and letters; here it is told what this terminal takes. */
export const promptTheme = ({ colorErr, unicode }: Pick<Output, 'colorErr' | 'unicode'>) => {
  const p = paint(colorErr);
  const plain = (text: string): string => text;
  const keys = (pairs: [key: string, action: string][]): string => p.dim(pairs.map(([key, action]) => `${key} ${action}`).join(', '));
  return {
    prefix: { idle: p.change('?'), done: p.good(unicode ? '✔' : 'ok') },
    icon: unicode
      ? { cursor: '❯', checked: p.good('◉'), unchecked: '◯', disabledChecked: '-', disabledUnchecked: '-' }
      : { cursor: '>', checked: p.good('[x]'), unchecked: '[ ]', disabledChecked: ' - ', disabledUnchecked: ' - ' },
    style: {
      // inquirer gives more than the text, and chalk would join it all.
      answer: (text: string) => p.good(text),
      message: (text: string) => p.head(text),
      error: (text: string) => p.bad(`> ${text}`),
      defaultAnswer: (text: string) => p.dim(`(${text})`),
      help: (text: string) => p.dim(text),
      highlight: (text: string) => p.good(text),
      key: plain,
      disabled: (text: string) => p.dim(text),
      description: plain,
      keysHelpTip: (pairs: [string, string][]) =>
        keys([
          ...pairs.map(([key, action]): [string, string] => [
            unicode ? key : key.replace('↑↓', 'up/down').replace('⏎', 'enter').replace('↑', 'up'),
            action,
          ]),
          ['esc', 'back'],
        ]),
    },
  };
};
