/**
 * `jetbus replay`: prints the life of each connection, and with `--at` the states of all at one moment.
 */
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import { messageIdOf } from '../bus/response.ts';
import { E, O } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import { ask } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import {
  emptyFold,
  type Fold,
  type FoldedConnection,
  finish,
  type Happening,
  isSilent,
  type Stepped,
  take,
} from '../replay/fold.ts';
import type { End } from '../replay/picture.ts';
import { type Story, type Told, timelineOf, titleOf } from '../replay/timeline.ts';
import { durationOf, timeOf } from '../replay/words.ts';
import { isSelected, type Selection } from './select.ts';

const print = (lines: ReadonlyArray<string>): void => {
  process.stdout.write(`${lines.join('\n')}\n`);
};

/** Prints every selected connection that lived in the span, each when it ends. */
export const printTimelines = async (
  log: Log,
  lines: AsyncIterable<Line>,
  database: string | undefined,
  selection: Selection,
): Promise<void> => {
  const printer = new Printer(log, (await ask(log.head)).epoch, database, selection);
  for await (const line of lines) await printer.take(line);
  printer.finish();
};

class Printer {
  readonly #log: Log;
  readonly #epoch: Epoch;
  readonly #database: string | undefined;
  readonly #selection: Selection;
  readonly #fold: Fold = emptyFold();
  #printed = 0;
  readonly #stories = new Map<FoldedConnection, Story>();
  /** Places that were found, and that no step has told of yet. */
  readonly #places = new Map<FoldedConnection, Told['place']>();

  constructor(log: Log, epoch: Epoch, database: string | undefined, selection: Selection) {
    this.#log = log;
    this.#epoch = epoch;
    this.#database = database;
    this.#selection = selection;
  }

  async take(line: Line): Promise<void> {
    for (const happening of take(this.#fold, line)) {
      if (happening.type === 'stepped') await this.#step(happening);
      else this.#note(happening);
    }
  }

  finish(): void {
    for (const happening of finish(this.#fold, this.#log.now())) this.#note(happening);
    for (const story of this.#stories.values()) {
      this.#print(story, 'held', Number.POSITIVE_INFINITY);
    }
    if (this.#printed === 0) process.stderr.write('no connection is of what was chosen\n');
  }

  #note(happening: Happening): void {
    if (happening.type === 'opened') {
      const { connection } = happening;
      if (isSelected(connection, this.#database, this.#selection)) {
        this.#stories.set(connection, { connection, steps: [] });
      }
    } else if (happening.type === 'placed') {
      this.#places.set(happening.connection, happening.record.place);
    } else if (happening.type === 'gap' || happening.type === 'lost') {
      for (const connection of happening.connections) {
        const story = this.#stories.get(connection);
        if (story !== undefined) this.#print(story, happening.type, happening.at);
      }
    }
  }

  async #step(stepped: Stepped): Promise<void> {
    const { record, to, connection } = stepped;
    const place = this.#places.get(connection);
    this.#places.delete(connection);
    const story = this.#stories.get(connection);
    if (story === undefined) return;
    const message = await this.#messageAt(record.run, record.answer?.sequence ?? null);
    story.steps.push({ ...stepped, place, message });
    if (to.snapshot.status === 'done') this.#print(story, 'closed', record.at);
  }

  /** The message that an answer brought, if the log still has it. */
  async #messageAt(run: string, sequence: Sequence | null): Promise<Told['message']> {
    if (sequence === null || this.#fold.runs.get(run)?.node?.life?.epoch !== this.#epoch) {
      return undefined;
    }
    const stored = await ask(this.#log.at(sequence));
    if (O.isNone(stored) || E.isLeft(stored.value)) return undefined;
    const entry = stored.value.right;
    return { id: messageIdOf(entry, this.#epoch), channel: entry.channel };
  }

  #print(story: Story, ending: End, end: Instant): void {
    const { connection } = story;
    this.#stories.delete(connection);
    this.#places.delete(connection);
    const { from = 0, to = Number.POSITIVE_INFINITY } = this.#selection;
    if (end < from || connection.opening.at > to) return;
    this.#printed += 1;
    print(timelineOf(story, ending));
  }
}

/** Prints which connections there were at one moment, and their states. */
export const printMoment = async (
  moment: Instant,
  lines: AsyncIterable<Line>,
  database: string | undefined,
  selection: Selection,
  stopBar: () => void,
): Promise<void> => {
  const fold = emptyFold();
  for await (const line of lines) {
    if (E.isRight(line) && line.right.at <= moment) take(fold, line);
  }
  stopBar();
  print([`at ${timeOf(moment)}`]);
  for (const run of fold.runs.values()) {
    const connections = [...run.connections.values()].filter((connection) =>
      isSelected(connection, database, selection),
    );
    const state = isSilent(run, moment) ? 'lost' : (run.node?.node ?? 'not known');
    const count = connections.length === 1 ? '1 connection' : `${connections.length} connections`;
    print([
      `node ${run.name}  ${state}, heard of ${durationOf(moment - run.heard)} before, ${count}`,
      ...connections.map(
        (connection) =>
          `  ${connection.state.name.padEnd(15)}  ${durationOf(moment - connection.since).padStart(11)}  ${titleOf(connection)}`,
      ),
    ]);
  }
};
