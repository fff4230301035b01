import { Listr, ListrLogger, type ListrTask, PRESET_TIMER, ProcessOutput } from 'listr2';
import type { Event } from '../model/event.ts';
import type { Output } from './output.ts';
import { plainView } from './plain.ts';

interface Row {
  finish(error?: Error): void;
  say(text: string): void;
}

/** A task that ends when somebody says so: listr2 draws, the runner decides. */
const row = (title: string): { task: ListrTask; row: Row } => {
  let end: (error?: Error) => void = () => {};
  let show: (text: string) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  done.catch(() => {});
  const task: ListrTask = {
    title,
    rendererOptions: { outputBar: 1 },
    task: (_ctx, self) => {
      show = (text) => {
        self.output = text;
      };
      return done;
    },
  };
  return { task, row: { finish: (error) => end(error), say: (text) => show(text) } };
};

const stageList = (title: string, nodes: readonly string[], output: Output): { rows: Map<string, Row>; drawn: Promise<unknown> } => {
  const made = nodes.map((node) => ({ node, ...row(node) }));
  const list = new Listr(
    [
      {
        title,
        task: (_ctx, self) =>
          self.newListr(
            made.map((m) => m.task),
            { concurrent: true, exitOnError: false },
          ),
      },
    ],
    {
      renderer: 'default',
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        collapseSubtasks: false,
        timer: PRESET_TIMER,
        logger: new ListrLogger({ useIcons: output.unicode, processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  return { rows: new Map(made.map((m) => [m.node, m.row])), drawn: list.run().catch(() => {}) };
};

/**
 * For a terminal: per stage a list of nodes with what runs there and for how long. Between stages, and for
 * what is not part of one, plain lines. Events are drawn in order: a stage is finished before the next line.
 */
export const liveView = (output: Output): { view: (event: Event) => void; settled(): Promise<void> } => {
  const plain = plainView(output);
  let stage: { title: string; rows: Map<string, Row>; drawn: Promise<unknown>; left: Map<string, number> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const held: Event[] = [];

  const closeStage = (): void => {
    if (!stage) return;
    for (const r of stage.rows.values()) r.finish();
    last = stage.drawn;
    stage = null;
  };
  const flush = async (): Promise<void> => {
    await last;
    for (const event of held.splice(0)) plain(event);
  };

  const settled = async (): Promise<void> => {
    closeStage();
    await flush();
  };

  const view = (e: Event): void => {
    if (e.type === 'stage.started') {
      closeStage();
      stage = { title: e.title, left: new Map(), ...stageList(e.title, e.nodes, output) };
    } else if (e.type === 'stage.finished') closeStage();
    else if (stage && e.type === 'change.started') stage.rows.get(e.node)?.say(e.title);
    else if (stage && e.type === 'change.output' && output.verbose) stage.rows.get(e.node)?.say(e.line);
    else if (stage && e.type === 'change.failed') {
      stage.rows.get(e.node)?.finish(new Error(`${e.node}: ${e.title} failed`));
      held.push(e);
    } else if (stage && e.type === 'change.done') return;
    else if (stage) held.push(e);
    else if (e.type === 'change.output') return;
    else {
      held.push(e);
      void flush();
    }
  };
  return { view, settled };
};
