/**
 * An inquiry into one message for one subscriber: the journal in, a verdict for each of the subscriber's clients out.
 */
import type { Instant } from '../bus/names.ts';
import { E } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import type { OpeningRecord } from '../journal/record.ts';
import { emptyFold, finish, type Happening, take } from './fold.ts';
import { byClient, noPolls, note, type PollStory, type Polls } from './polls.ts';
import { type Asked, type Hole, seenUntil, type Why, why } from './why.ts';

export interface InquiryOptions {
  readonly asked: Asked;
  /** Whether a poll is the subscriber's. */
  readonly isOf: (opening: OpeningRecord) => boolean;
  /** Whether a journal that keeps a share of users keeps this subscriber for certain. */
  readonly isKept: (share: number) => boolean;
}

export interface ClientVerdict {
  /** The client's own channel; empty for those without one. */
  readonly client: string;
  readonly verdict: Why;
}

export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #fold = emptyFold();
  readonly #polls: Polls;
  readonly #holes: Array<Hole> = [];
  #begins: Instant | undefined;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#polls = noPolls(options.isOf, options.asked.published?.instant ?? 0);
  }

  /** Whether the subscriber polled at all. */
  get hasPolled(): boolean {
    const { open, ended, earlier } = this.#polls;
    return open.size + ended.length + earlier.size > 0;
  }

  take(line: Line): void {
    if (this.#fold.newest === 0 && E.isRight(line)) {
      this.#begins = line.right.at;
    }
    for (const happening of take(this.#fold, line)) this.#note(happening);
  }

  /**
   * A verdict for each client that was there when the message was, or else for the one that was there last, by a journal that
   * is read at `until`.
   */
  verdicts(until?: Instant): ReadonlyArray<ClientVerdict> {
    for (const happening of finish(this.#fold, until)) this.#note(happening);
    const { asked } = this.#options;
    const clients = [...byClient(this.#polls)].sort(([, a], [, b]) => lastSeen(a) - lastSeen(b));
    const since = asked.published?.instant ?? 0;
    const present = clients.filter(([, polls]) => lastSeen(polls) >= since);
    const told = present.length > 0 ? present : clients.slice(-1);
    if (told.length === 0) return [{ client: '', verdict: why(asked, [], this.#holes) }];
    return told.map(([client, polls]) => ({ client, verdict: why(asked, polls, this.#holes) }));
  }

  #note(happening: Happening): void {
    note(this.#polls, happening);
    if (this.#begins !== undefined && happening.type === 'node' && happening.record.life) {
      this.#holes.push({ _tag: 'Begins', at: this.#begins, tail: happening.record.life.tail });
      this.#begins = undefined;
    }
    if (happening.type === 'gap') {
      this.#holes.push({ _tag: 'Missing', run: happening.run, at: happening.at });
    }
    if (happening.type !== 'node' || !happening.isNewLife) return;
    const { sample: share } = happening.record;
    if (!this.#options.isKept(share)) this.#holes.push({ _tag: 'Sample', share });
  }
}

const lastSeen = (polls: ReadonlyArray<PollStory>): Instant =>
  polls.reduce((last, poll) => Math.max(last, seenUntil(poll)), 0);
