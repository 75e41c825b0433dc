/**
 * Recomputes what a node decided, from the log and the journal alone, by the same pure functions: `stand` for where a poll
 * stands, `next` for what answers it, `encodeResponse` for the bytes.
 *
 * A window is folded for each node's life of the log, as the node's own was. What cannot be recomputed is told apart:
 * `incomplete` where records are missing, `uncheckable` where the log no longer has what decided.
 */
import type { Entry } from '../bus/entry.ts';
import type { Epoch } from '../bus/names.ts';
import { next } from '../bus/next.ts';
import { atReset, type Place, type Position, stand, standByLog } from '../bus/resume.ts';
import { expire } from '../bus/window.ts';
import { E, O } from '../fp.ts';
import type { ConnectionRecord } from '../journal/record.ts';
import type { Head } from '../log/log.ts';
import type { FoldedConnection, Happening, Stepped } from './fold.ts';
import { type Life, Lives } from './lives.ts';
import { type HistoryLog, LogNow } from './log-now.ts';
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

export class Judge {
  readonly #now: LogNow;
  readonly #lives: Lives;

  constructor(log: HistoryLog, head: Head) {
    this.#now = new LogNow(log, head);
    this.#lives = new Lives(log, this.#now);
  }

  /** Judges what a line told; throws `LogFailure` when the log does not answer. */
  async judge(happening: Happening): Promise<ReadonlyArray<Judgement>> {
    for (;;) {
      const judgements = await this.#judge(happening);
      const hasDiverged = judgements.some(({ verdict }) => verdict._tag === 'Diverged');
      if (!hasDiverged || !(await this.#now.hasMoved())) {
        if (happening.type === 'stepped' && happening.record.event === 'NOTHING') {
          happening.connection.after = happening.record.tail;
        }
        return judgements.map((each) => this.#excuse(happening, each));
      }
    }
  }

  /** What diverged is not known to be wrong where the log is not what it was. */
  #excuse(happening: Happening, judgement: Judgement): Judgement {
    if (happening.type !== 'stepped' && happening.type !== 'placed') return judgement;
    const doubt = this.#lives.doubt(happening.record.run);
    return doubt === undefined || judgement.verdict._tag !== 'Diverged'
      ? judgement
      : { ...judgement, verdict: uncheckable(doubt) };
  }

  async #judge(happening: Happening): Promise<ReadonlyArray<Judgement>> {
    switch (happening.type) {
      case 'node':
        this.#lives.take(happening.record);
        return [];
      case 'gap':
        this.#lives.miss(happening.run);
        return [];
      case 'lost':
        this.#lives.end(happening.run);
        return [];
      case 'orphan':
        return orphan(happening.record);
      case 'placed': {
        const { record, connection } = happening;
        const { place } = record;
        if (place === undefined) return [];
        const life = await this.#lives.of(record);
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

  async #judgePlace(
    connection: FoldedConnection,
    record: ConnectionRecord & { readonly place: Place },
    life: Life,
  ): Promise<Verdict> {
    const { place } = record;
    expire(life.window, place.cutoff, place.floor);
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
    { first, floor, last }: Place,
    life: Life,
  ): Promise<E.Either<Verdict, Position | undefined>> {
    const { epoch, window } = life;
    const standing = stand(lastMessage, epoch, window, () => undefined);
    switch (standing._tag) {
      case 'At':
        return this.#ifWhole(standing, life);
      case 'Ahead':
        return last === undefined || standing.id.sequence <= last
          ? E.right(undefined)
          : this.#ifWhole(atReset(window), life);
      case 'Unchecked': {
        const { id } = standing;
        if (id.sequence >= Math.min(first, floor + 1) && id.sequence < this.#now.head.first) {
          return E.left(uncheckable(`the log no longer has ${id.sequence}, which the poll named`));
        }
        const stored = id.sequence < first ? O.none : await this.#now.at(id.sequence);
        return this.#ifWhole(standByLog(id, stored, first, window), life);
      }
    }
  }

  /** A position by the age of entries is only as good as the window: what left the log since is not in it. */
  async #ifWhole(
    { after, resume }: Position,
    { begin, window }: Life,
  ): Promise<E.Either<Verdict, Position>> {
    const { first } = this.#now.head;
    const isOfWindow = resume === 'start' || resume === 'reset';
    if (!isOfWindow || begin + 1 >= first || (await this.#now.oldest()) < window.cutoff) {
      return E.right({ after, resume });
    }
    return E.left(uncheckable(`the log no longer has what was recent then, before ${first}`));
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
    { after, first, floor, opening }: FoldedConnection,
    record: ConnectionRecord,
  ): Promise<E.Either<Verdict, { readonly entry: Entry | undefined; readonly epoch: Epoch }>> {
    const life = await this.#lives.of(record);
    if (E.isLeft(life)) return life;
    const { epoch, window } = life.right;
    const { database, channels } = opening;
    if (after === undefined || database === null) {
      return E.left(incomplete('where it stands is not recorded'));
    }
    if (opening.omitted !== undefined) {
      return E.left(incomplete('its channels were too long to record'));
    }
    if (Math.max(after + 1, Math.min(first, floor + 1)) < this.#now.head.first) {
      return E.left(uncheckable(`the log begins at ${this.#now.head.first}, after where it stood`));
    }
    const found = next(window, database, channels, after);
    if (found._tag === 'Behind') {
      const entry = await this.#now.first(database, channels, after, record.tail);
      return E.right({ entry, epoch });
    }
    return E.right({ entry: found._tag === 'Found' ? found.entry : undefined, epoch });
  }
}
