/**
 * Recomputes what a node decided, from the log and the journal alone, by the same pure functions: `stand` for where a poll
 * stands, `next` for what answers it, `encodeResponse` for the bytes.
 *
 * A window is folded for each node's life of the log, as the node's own was. What cannot be recomputed is told apart:
 * `incomplete` where records are missing, `uncheckable` where the log no longer has what decided.
 */
import type { Entry } from '../bus/entry.ts';
import type { Channel, Database, Epoch, Sequence } from '../bus/names.ts';
import { next } from '../bus/next.ts';
import { atReset, type Place, type Position, stand, standByLog } from '../bus/resume.ts';
import { emptyWindow, expire, type Window } from '../bus/window.ts';
import { E, O } from '../fp.ts';
import type { ConnectionRecord, NodeRecord } from '../journal/record.ts';
import { ask } from '../log/ask.ts';
import type { Head, Log } from '../log/log.ts';
import type { FoldedConnection, Happening, Stepped } from './fold.ts';
import { Tape } from './tape.ts';
import {
  answerOf,
  compare,
  EMPTY,
  impossible,
  incomplete,
  inWords,
  type Judgement,
  orphan,
  uncheckable,
  VERIFIED,
  type Verdict,
  wrong,
} from './verdict.ts';

export type HistoryLog = Pick<Log, 'head' | 'read' | 'at' | 'next'>;

/** One node's life of the log. */
interface Life {
  readonly number: number;
  readonly epoch: Epoch;
  readonly window: Window;
  readonly cacheTimeoutMs: number;
  /** False after a gap, until the node says that it is still in this life. */
  isSure: boolean;
}

export class Judge {
  readonly #log: HistoryLog;
  readonly #head: Head;
  readonly #tape: Tape;
  readonly #lives = new Map<string, Life>();

  constructor(log: HistoryLog, head: Head) {
    this.#log = log;
    this.#head = head;
    this.#tape = new Tape(log);
  }

  /** Judges what a line told; throws `LogFailure` when the log does not answer. */
  async judge(happening: Happening): Promise<ReadonlyArray<Judgement>> {
    switch (happening.type) {
      case 'node':
        this.#takeNode(happening.record);
        return [];
      case 'gap': {
        const life = this.#lives.get(happening.run);
        if (life !== undefined) life.isSure = false;
        return [];
      }
      case 'lost':
        this.#lives.delete(happening.run);
        return [];
      case 'orphan':
        return orphan(happening.record);
      case 'placed': {
        const { record, connection } = happening;
        const { place } = record;
        if (place === undefined) return [];
        const life = await this.#lifeOf(record);
        const verdict = E.isLeft(life)
          ? life.left
          : await this.#judgePlace(connection, { ...record, place }, life.right);
        return [{ subject: 'position', verdict }];
      }
      case 'stepped':
        return this.#judgeStep(happening);
      case 'opened':
      case 'unreadable':
        return [];
    }
  }

  #takeNode({ run, life, settings }: NodeRecord): void {
    if (life === null) return;
    const known = this.#lives.get(run);
    if (known?.number === life.number) {
      known.isSure = true;
      return;
    }
    const { number, epoch, floor } = life;
    this.#lives.set(run, {
      number,
      epoch,
      window: emptyWindow(floor),
      cacheTimeoutMs: settings.cache_timeout * 1000,
      isSure: true,
    });
  }

  /** The life that a record belongs to, its window as far as the node's tail was, or why it cannot be told. */
  async #lifeOf({ run, tail }: ConnectionRecord): Promise<E.Either<Verdict, Life>> {
    const life = this.#lives.get(run);
    if (life === undefined || !life.isSure) return E.left(incomplete('the node was not heard of'));
    if (life.epoch !== this.#head.epoch) {
      return E.left(uncheckable(`the log is in another life now, ${this.#head.epoch}`));
    }
    if (life.window.tail < tail) {
      await this.#tape.advance(life.window, tail, life.cacheTimeoutMs);
    }
    return E.right(life);
  }

  async #judgePlace(
    connection: FoldedConnection,
    record: ConnectionRecord & { readonly place: Place },
    life: Life,
  ): Promise<Verdict> {
    const { place } = record;
    expire(life.window, place.cutoff);
    const found = await this.#find(connection, place, life);
    if (E.isLeft(found)) return found.left;
    const expected = found.right;
    const isSame = expected?.after === place.after && expected.resume === place.resume;
    if (isSame) return VERIFIED;
    return {
      _tag: 'Diverged',
      expected: expected === undefined ? 'no place: the log may have it' : inWords(expected),
      actual: inWords(place),
      entry: undefined,
      right: expected && { place: { ...place, ...expected } },
    };
  }

  /** Where a poll stands; undefined where it should have waited for the tail. */
  async #find(
    { lastMessage }: FoldedConnection,
    { first, last }: Place,
    { epoch, window }: Life,
  ): Promise<E.Either<Verdict, Position | undefined>> {
    const standing = stand(lastMessage, epoch, window, () => undefined);
    switch (standing._tag) {
      case 'At':
        return this.#ifWhole(standing, window);
      case 'Ahead':
        return last === undefined || standing.id.sequence <= last
          ? E.right(undefined)
          : this.#ifWhole(atReset(window), window);
      case 'Unchecked': {
        const { id } = standing;
        if (id.sequence >= first && id.sequence < this.#head.first) {
          return E.left(uncheckable(`the log no longer has ${id.sequence}, which the poll named`));
        }
        const stored = id.sequence < first ? O.none : await ask(this.#log.at(id.sequence));
        return E.right(standByLog(id, stored, first, window));
      }
    }
  }

  /** A position by the age of entries is only as good as the window: what left the log since is not in it. */
  #ifWhole(position: Position, window: Window): E.Either<Verdict, Position> {
    const { first } = this.#head;
    const isExact = position.resume === 'exact';
    return isExact || window.floor + 1 >= first || position.after >= first
      ? E.right({ after: position.after, resume: position.resume })
      : E.left(uncheckable(`the log no longer has what was recent then, before ${first}`));
  }

  async #judgeStep(step: Stepped): Promise<ReadonlyArray<Judgement>> {
    const { record, from, effects } = step;
    if (effects.length === 0 && from === step.to) {
      return [{ subject: 'transition', verdict: impossible(step) }];
    }
    if (effects.includes('answer')) {
      return [{ subject: 'answer', verdict: await this.#judgeAnswer(step) }];
    }
    if (effects.includes('answerNothing')) {
      const verdict =
        from.name === 'waiting.parked' ? await this.#judgeNothing(step) : compare(record, EMPTY);
      return [{ subject: 'answer', verdict }];
    }
    if (record.event !== 'NOTHING') return [];
    const verdict = await this.#judgeNothing(step);
    step.connection.after = record.tail;
    return verdict._tag === 'Diverged' ? [{ subject: 'transition', verdict }] : [];
  }

  async #judgeAnswer({ connection, record }: Stepped): Promise<Verdict> {
    const found = await this.#next(connection, record);
    if (E.isLeft(found)) return found.left;
    const { entry, epoch } = found.right;
    return entry === undefined
      ? wrong(record, EMPTY)
      : compare(record, answerOf(entry, epoch), entry);
  }

  /** That a poll was answered with nothing, or parked, is right only where there is nothing for it. */
  async #judgeNothing({ connection, record }: Stepped): Promise<Verdict> {
    const found = await this.#next(connection, record);
    if (E.isLeft(found)) return found.left;
    const { entry, epoch } = found.right;
    if (entry !== undefined) return wrong(record, answerOf(entry, epoch), entry);
    return record.answer === undefined ? VERIFIED : compare(record, EMPTY);
  }

  /** The first entry for a connection that the node's tail had seen. */
  async #next(
    { after, first, opening }: FoldedConnection,
    record: ConnectionRecord,
  ): Promise<E.Either<Verdict, { readonly entry: Entry | undefined; readonly epoch: Epoch }>> {
    const life = await this.#lifeOf(record);
    if (E.isLeft(life)) return life;
    const { epoch, window } = life.right;
    const { database, channels } = opening;
    if (after === undefined || database === null) {
      return E.left(incomplete('where it stands is not recorded'));
    }
    if (Math.max(after + 1, first) < this.#head.first) {
      return E.left(uncheckable(`the log begins at ${this.#head.first}, after where it stood`));
    }
    const found = next(window, database, channels, after);
    if (found._tag === 'Behind') {
      return E.right({ entry: await this.#history(database, channels, after, record.tail), epoch });
    }
    return E.right({ entry: found._tag === 'Found' ? found.entry : undefined, epoch });
  }

  async #history(
    database: Database,
    channels: ReadonlyArray<Channel>,
    after: Sequence,
    through: Sequence,
  ): Promise<Entry | undefined> {
    let found: Entry | undefined;
    for (const channel of channels) {
      const entry = await ask(this.#log.next(database, channel, after));
      if (O.isSome(entry) && entry.value.sequence <= (found?.sequence ?? through))
        found = entry.value;
    }
    return found;
  }
}
