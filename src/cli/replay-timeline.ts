/**
 * `jetbus replay`: prints the life of each connection, and with `--at` the states of all at one moment.
 */
import type { Entry } from '../bus/entry.ts';
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
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
  type Stepped,
  take,
} from '../replay/fold.ts';
import { type Ending, type Life, timelineOf, titleOf } from '../replay/timeline.ts';
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
  readonly #lives = new Map<FoldedConnection, Life>();

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
    for (const happening of finish(this.#fold)) this.#note(happening);
    for (const life of this.#lives.values()) this.#print(life, 'held', Number.POSITIVE_INFINITY);
  }

  #note(happening: Happening): void {
    if (happening.type === 'opened') {
      const { connection } = happening;
      if (isSelected(connection, this.#database, this.#selection)) {
        this.#lives.set(connection, { connection, steps: [] });
      }
    } else if (happening.type === 'gap' || happening.type === 'lost') {
      for (const connection of happening.connections) {
        const life = this.#lives.get(connection);
        if (life !== undefined) this.#print(life, happening.type, happening.at);
      }
    }
  }

  async #step(stepped: Stepped): Promise<void> {
    const life = this.#lives.get(stepped.connection);
    if (life === undefined) return;
    const { record, to } = stepped;
    const entry = await this.#entryAt(record.run, record.answer?.sequence ?? null);
    life.steps.push({ ...stepped, entry });
    if (to.snapshot.status === 'done') this.#print(life, 'closed', record.at);
  }

  /** The entry that an answer brought, if the log still has it. */
  async #entryAt(run: string, sequence: Sequence | null): Promise<Entry | undefined> {
    if (sequence === null || this.#fold.runs.get(run)?.node?.life?.epoch !== this.#epoch) {
      return undefined;
    }
    const stored = await ask(this.#log.at(sequence));
    return O.isSome(stored) && E.isRight(stored.value) ? stored.value.right : undefined;
  }

  #print(life: Life, ending: Ending, end: Instant): void {
    const { connection } = life;
    this.#lives.delete(connection);
    const { from = 0, to = Number.POSITIVE_INFINITY } = this.#selection;
    if (end >= from && connection.opening.at <= to) print(timelineOf(life, ending));
  }
}

/** Prints which connections there were at one moment, and their states. */
export const printMoment = async (
  moment: Instant,
  lines: AsyncIterable<Line>,
  database: string | undefined,
  selection: Selection,
): Promise<void> => {
  const fold = emptyFold();
  for await (const line of lines) {
    if (E.isRight(line) && line.right.at <= moment) take(fold, line);
  }
  print([`at ${timeOf(moment)}`]);
  for (const run of fold.runs.values()) {
    const connections = [...run.connections.values()].filter((connection) =>
      isSelected(connection, database, selection),
    );
    const state = run.node?.node ?? 'not known';
    print([
      `node ${run.name}  ${state}, heard of ${durationOf(moment - run.heard)} before, ${connections.length} connections`,
      ...connections.map(
        (connection) =>
          `  ${connection.state.name.padEnd(15)}  ${durationOf(moment - connection.since).padStart(11)}  ${titleOf(connection)}`,
      ),
    ]);
  }
};
