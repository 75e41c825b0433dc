/**
 * A whole journal held against the log: what was verified, what could not be, and the first thing that was wrong.
 */
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import type { Line } from '../journal/line.ts';
import type { ConnectionRecord, NodeRecord } from '../journal/record.ts';
import { emptyFold, finish, type Happening, take } from './fold.ts';
import type { Judge } from './judge.ts';
import type { Diverged, Judgement, Subject } from './verdict.ts';

export interface Count {
  readonly verified: number;
  readonly incomplete: number;
  readonly uncheckable: number;
}

/** Something was decided otherwise than follows from the log and the journal. */
export interface Divergence {
  readonly happening: Happening;
  readonly subject: Subject;
  readonly verdict: Diverged;
}

export interface Outcome {
  readonly records: number;
  readonly positions: Count;
  readonly answers: Count;
  /** Records that there were, by their numbers, and that the journal has not. */
  readonly missing: number;
  /** Lines that are no records. */
  readonly unreadable: number;
  /** Nodes that ended without a word. The polls that they held count as incomplete. */
  readonly lost: number;
  readonly divergence: Divergence | undefined;
}

/** Verifies every line, of a journal that is read at `until`; throws `LogFailure` when the log does not answer. */
export const verify = async (
  judge: Judge,
  lines: AsyncIterable<Line>,
  until?: Instant,
): Promise<Outcome> => {
  const verification = new Verification(judge);
  for await (const line of lines) await verification.take(line);
  verification.finish(until);
  return verification.outcome;
};

const zero = () => ({ verified: 0, incomplete: 0, uncheckable: 0 });

class Verification {
  readonly #judge: Judge;
  readonly #fold = emptyFold();
  readonly #counts = { position: zero(), answer: zero(), transition: zero() };
  /** The life of the log that each run is in, and how far its tail was seen to be. */
  readonly #lives = new Map<string, { readonly epoch: Epoch; tail: Sequence }>();
  #records = 0;
  #missing = 0;
  #unreadable = 0;
  #lost = 0;
  /** The first divergence, where judging stopped; the journal is read on for what may explain it. */
  #divergence: (Divergence & { readonly epoch: Epoch | undefined }) | undefined;
  /** What was passed over since. */
  #passed = { position: 0, answer: 0, transition: 0 };

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  get outcome(): Outcome {
    const { position: positions, answer: answers } = this.#counts;
    return {
      records: this.#records,
      positions,
      answers,
      missing: this.#missing,
      unreadable: this.#unreadable,
      lost: this.#lost,
      divergence: this.#divergence,
    };
  }

  async take(line: Line): Promise<void> {
    this.#records += 1;
    for (const happening of take(this.#fold, line)) {
      this.#note(happening);
      if (this.#divergence !== undefined && 'record' in happening) this.#pass(happening);
      for (const judgement of await this.#judgeOf(happening)) this.#count(happening, judgement);
    }
  }

  /** What nodes that were lost held: whether it was answered is not known. */
  finish(until?: Instant): void {
    for (const happening of finish(this.#fold, until)) this.#note(happening);
  }

  #note(happening: Happening): void {
    switch (happening.type) {
      case 'gap':
        this.#missing += happening.missing;
        break;
      case 'unreadable':
        this.#unreadable += 1;
        break;
      case 'lost':
        this.#lost += 1;
        this.#counts.answer.incomplete += happening.connections.length;
        break;
      case 'node':
        this.#follow(happening.record, happening.isNewLife);
        break;
      case 'placed':
      case 'stepped':
        this.#see(happening.record);
        break;
      case 'opened':
      case 'orphan':
    }
  }

  /** A connection is not judged behind a divergence; where a node is, the judge has to know all the same. */
  async #judgeOf(happening: Happening): Promise<ReadonlyArray<Judgement>> {
    const isOfConnection = happening.type === 'placed' || happening.type === 'stepped';
    return this.#divergence !== undefined && isOfConnection ? [] : this.#judge.judge(happening);
  }

  #pass(happening: Happening): void {
    if (happening.type === 'placed') this.#passed.position += 1;
    if (happening.type === 'stepped' && happening.record.answer) this.#passed.answer += 1;
  }

  #count(happening: Happening, { subject, verdict }: Judgement): void {
    const counts = this.#counts[subject];
    switch (verdict._tag) {
      case 'Verified':
        counts.verified += 1;
        break;
      case 'Incomplete':
        counts.incomplete += 1;
        break;
      case 'Uncheckable':
        counts.uncheckable += 1;
        break;
      case 'Diverged': {
        const run = 'record' in happening ? happening.record.run : '';
        this.#divergence = { happening, subject, verdict, epoch: this.#lives.get(run)?.epoch };
        this.#passed = { position: 0, answer: 0, transition: 0, [subject]: 1 };
      }
    }
  }

  /** Takes note of how far a node's tail was between two words of its own. */
  #see({ run, tail }: ConnectionRecord): void {
    const own = this.#lives.get(run);
    if (own !== undefined) own.tail = Math.max(own.tail, tail);
  }

  /**
   * A node that takes to another life below where it was, in the same epoch, tells of a log that lost its end: what diverged
   * there was answered from entries that are no more. Judging goes on with the new life.
   */
  #follow({ run, life }: NodeRecord, isNewLife: boolean): void {
    if (life === null) return;
    const { epoch, tail } = life;
    const own = this.#lives.get(run);
    const isCutBack = isNewLife && own?.epoch === epoch && tail < own.tail;
    if (isCutBack && this.#divergence?.epoch === epoch) {
      this.#divergence = undefined;
      this.#counts.position.uncheckable += this.#passed.position;
      this.#counts.answer.uncheckable += this.#passed.answer;
    }
    this.#lives.set(run, { epoch, tail });
  }
}
