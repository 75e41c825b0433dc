/**
 * A whole journal held against the log: what was verified, what could not be, and the first thing that was wrong.
 */
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import type { Line } from '../journal/line.ts';
import type { ConnectionRecord, NodeRecord } from '../journal/record.ts';
import { emptyFold, type Happening, take } from './fold.ts';
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
  readonly divergence: Divergence | undefined;
}

/** Verifies every line; throws `LogFailure` when the log does not answer. */
export const verify = async (judge: Judge, lines: AsyncIterable<Line>): Promise<Outcome> => {
  const verification = new Verification(judge);
  for await (const line of lines) await verification.take(line);
  return verification.outcome;
};

const zero = () => ({ verified: 0, incomplete: 0, uncheckable: 0, diverged: 0 });

class Verification {
  readonly #judge: Judge;
  readonly #fold = emptyFold();
  readonly #reaches = new Map<Epoch, Reach>();
  readonly #counts = { position: zero(), answer: zero(), transition: zero() };
  readonly #lives = new Map<string, { readonly epoch: Epoch; tail: Sequence }>();
  #records = 0;
  #missing = 0;
  #unreadable = 0;
  #divergence: Divergence | undefined;

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
      divergence: this.#divergence,
    };
  }

  async take(line: Line): Promise<void> {
    this.#records += 1;
    for (const happening of take(this.#fold, line)) {
      if (happening.type === 'gap') this.#missing += happening.missing;
      if (happening.type === 'unreadable') this.#unreadable += 1;
      if (happening.type === 'node') this.#follow(happening.record, happening.isNewLife);
      if (happening.type === 'placed' || happening.type === 'stepped') this.#see(happening.record);
      for (const judgement of await this.#judge.judge(happening)) this.#count(happening, judgement);
    }
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
      case 'Diverged':
        counts.diverged += 1;
        this.#divergence ??= { happening, subject, verdict };
    }
  }

  /** Takes note of how far a node's tail was between two words of its own. */
  #see({ run, tail, at }: ConnectionRecord): void {
    const own = this.#lives.get(run);
    if (own === undefined) return;
    own.tail = Math.max(own.tail, tail);
    this.#reaches.get(own.epoch)?.saw(tail, at);
  }

  /**
   * A node that begins another life below what was reached in the same epoch tells of a log that was cut back, as a store
   * restored from a copy is: what diverged until then was answered from entries that are no more.
   */
  #follow({ run, life, at }: NodeRecord, isNewLife: boolean): void {
    if (life === null) return;
    const { epoch, tail } = life;
    const reach = this.#reaches.get(epoch) ?? new Reach();
    this.#reaches.set(epoch, reach);
    const own = this.#lives.get(run);
    this.#lives.set(run, { epoch, tail });
    const isBelowOwn = own?.epoch === epoch && tail < own.tail;
    if (isNewLife && (isBelowOwn || reach.isAbove(tail, at))) {
      reach.cutBack(tail);
      this.#excuse();
    }
    reach.saw(tail, at);
  }

  #excuse(): void {
    this.#divergence = undefined;
    for (const counts of Object.values(this.#counts)) {
      counts.uncheckable += counts.diverged;
      counts.diverged = 0;
    }
  }
}

/** A node that begins has seen what the log had; what the others have seen since may be more. */
const SETTLED_MS = 10_000;
/** Within so long only the farthest is remembered. */
const GRAIN_MS = 1000;

interface Reached {
  readonly since: Instant;
  at: Instant;
  tail: Sequence;
}

/** How far one life of the log was seen to reach: some time ago, and since. */
class Reach {
  #settled: Sequence = 0;
  #recent: Array<Reached> = [];

  saw(tail: Sequence, at: Instant): void {
    const last = this.#recent.at(-1);
    if (last === undefined || at - last.since >= GRAIN_MS) {
      this.#recent.push({ since: at, at, tail });
      return;
    }
    last.at = Math.max(last.at, at);
    last.tail = Math.max(last.tail, tail);
  }

  /** Whether a node that begins at `tail` has less than there was some time before. */
  isAbove(tail: Sequence, at: Instant): boolean {
    for (const reached of this.#recent) {
      if (reached.at < at - SETTLED_MS) this.#settled = Math.max(this.#settled, reached.tail);
    }
    this.#recent = this.#recent.filter((reached) => reached.at >= at - SETTLED_MS);
    return this.#settled > tail;
  }

  cutBack(tail: Sequence): void {
    this.#settled = tail;
    this.#recent = [];
  }
}
