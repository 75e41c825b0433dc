/**
 * A journal's records from one instant to another, and of one database alone, as a journal of its own.
 *
 * What led up to the span comes before it: how each node was, and the polls that were open. Records are numbered as if those
 * left out had never been; where some were missing, they still are.
 */
import type { Database, Instant } from '../bus/names.ts';
import { E } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import {
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
  type NodeRecord,
} from '../journal/record.ts';

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
  /** Only the connections of this database; all if not given. */
  readonly database: Database | undefined;
}

type Ended = ConnectionRecord & { readonly event: 'WRITTEN' | 'HANGUP' };

/** The lines of a span; those that are no records may be of it. */
export async function* chosenLines(lines: AsyncIterable<Line>, span: Span): AsyncGenerator<Line> {
  const runs = new Map<string, Run>();
  for await (const line of lines) {
    if (E.isLeft(line)) {
      yield line;
      continue;
    }
    const record = line.right;
    const run = runs.get(record.run) ?? new Run(span);
    runs.set(record.run, run);
    for (const chosen of run.take(record)) yield E.right(chosen);
  }
}

/** The records of a span. */
export async function* recordsOf(
  lines: AsyncIterable<Line>,
  span: Span,
): AsyncGenerator<JournalRecord> {
  for await (const line of chosenLines(lines, span)) if (E.isRight(line)) yield line.right;
}

class Run {
  readonly #span: Span;
  /** The number of the record seen last, and the number given last. */
  #seen = 0;
  #isOver = false;
  /** Until the span begins: where records are missing. */
  #gaps: Array<{ readonly n: number; readonly missing: number }> = [];
  #given = 0;
  #hasBegun = false;
  /** How the node was, from before the first poll that is open. */
  #nodes: Array<NodeRecord> = [];
  /** The chosen polls that are open, and until the span begins what was recorded of them. */
  readonly #open = new Map<number, Array<ConnectionRecord>>();

  constructor(span: Span) {
    this.#span = span;
  }

  take(record: JournalRecord): ReadonlyArray<JournalRecord> {
    const { from, to } = this.#span;
    if (record.at > to) this.#isOver = true;
    if (record.n <= this.#seen || this.#isOver) return [];
    const missing = this.#seen === 0 ? 0 : record.n - this.#seen - 1;
    this.#seen = record.n;
    if (missing > 0) this.#open.clear();
    if (this.#hasBegun) this.#given += missing;
    else if (missing > 0) this.#gaps.push({ n: record.n, missing });
    if (!this.#isChosen(record)) return [];
    if (!this.#hasBegun && record.at < from) {
      this.#remember(record);
      return [];
    }
    const before = this.#hasBegun ? [] : this.#begin(record.n);
    if (isEnd(record)) this.#open.delete(record.connection);
    return [...before, this.#numbered(record)];
  }

  /** A connection is chosen at its opening, and so is all that follows of it. */
  #isChosen(record: JournalRecord): boolean {
    if (isNodeRecord(record)) return true;
    const { database } = this.#span;
    const { connection, opening } = record;
    if (opening === undefined) return database === undefined || this.#open.has(connection);
    if (database !== undefined && opening.database !== database) return false;
    this.#open.set(connection, []);
    return true;
  }

  #remember(record: JournalRecord): void {
    if (!isNodeRecord(record)) {
      if (isEnd(record)) this.#open.delete(record.connection);
      else this.#open.get(record.connection)?.push(record);
      return;
    }
    this.#nodes.push(record);
    let first = record.n;
    for (const [opening] of this.#open.values()) first = Math.min(first, opening?.n ?? first);
    this.#nodes = this.#nodes.slice(
      Math.max(
        0,
        this.#nodes.findLastIndex(({ n }) => n <= first),
      ),
    );
  }

  #begin(n: number): ReadonlyArray<JournalRecord> {
    this.#hasBegun = true;
    const before = [...this.#nodes, ...[...this.#open.values()].flat()];
    this.#nodes = [];
    before.sort((a, b) => a.n - b.n);
    const numbered = before.map((record, index) => {
      if (index > 0) this.#given += this.#missingBetween(before[index - 1]?.n ?? 0, record.n);
      return this.#numbered(record);
    });
    if (before.length > 0) this.#given += this.#missingBetween(before.at(-1)?.n ?? 0, n);
    return numbered;
  }

  #missingBetween(after: number, through: number): number {
    return this.#gaps
      .filter(({ n }) => n > after && n <= through)
      .reduce((sum, { missing }) => sum + missing, 0);
  }

  #numbered(record: JournalRecord): JournalRecord {
    this.#given += 1;
    return { ...record, n: this.#given };
  }
}

const isEnd = (record: JournalRecord): record is Ended =>
  !isNodeRecord(record) && (record.event === 'WRITTEN' || record.event === 'HANGUP');
