/**
 * The log below the window, as this node reads and remembers it.
 *
 * A bounded number of reads are under way at once, equal ones are one read, and what was learnt is kept: the last sequence
 * of each channel that was asked for, and the checks of entries seen. So a quiet channel, and a thousand clients that come
 * back to it with old ids, cost no read. One history belongs to one life of the log, and is forgotten with it.
 */
import { ChannelMap } from '../bus/channel-map.ts';
import type { Entry, Stored } from '../bus/entry.ts';
import type { LogUnavailable } from '../bus/errors.ts';
import type { Check } from '../bus/message-id.ts';
import type { Channel, Database, Sequence } from '../bus/names.ts';
import { lastOn, type Window } from '../bus/window.ts';
import { E, O, type TE } from '../fp.ts';
import { askingAnew } from '../log/ask.ts';
import type { Log } from '../log/log.ts';

const MAX_READS = 8;
const MAX_REMEMBERED = 100_000;

type Result<A> = Promise<E.Either<LogUnavailable, A>>;

export class History {
  readonly #log: Log;
  readonly #window: Window;
  readonly #checks = new Map<Sequence, Check>();
  readonly #lasts = new ChannelMap<Sequence>();
  #lastsHeld = 0;
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #queue: Array<() => void> = [];
  #reading = 0;

  constructor(log: Log, window: Window) {
    this.#log = log;
    this.#window = window;
  }

  /** The check of an entry that this node has seen, while the log has it: what the log lost, no other node would know. */
  readonly check = (sequence: Sequence): Check | undefined =>
    sequence < this.#log.first() ? undefined : this.#checks.get(sequence);

  /** Takes note of an entry that the tail brought. */
  saw(entry: Entry): void {
    this.#remember(entry);
    const { database, channel } = entry;
    if (this.#lasts.get(database, channel) !== undefined) {
      this.#lasts.set(database, channel, entry.sequence);
    }
  }

  /** What the log has at a sequence. */
  async at(sequence: Sequence): Result<O.Option<Stored>> {
    const stored = await this.#read(`at ${sequence}`, this.#log.at(sequence));
    if (E.isRight(stored) && O.isSome(stored.right) && E.isRight(stored.right.value)) {
      this.#remember(stored.right.value.right);
    }
    return stored;
  }

  /** Where the log stands now, and not where it stood when somebody asked before. */
  readonly head = askingAnew(() => this.#inTurn(this.#log.head));

  /** The first entry on some channels after a sequence and up to where the tail stands now; else up to where there is none. */
  async first(
    database: Database,
    channels: ReadonlyArray<Channel>,
    after: Sequence,
  ): Result<E.Either<Sequence, Entry>> {
    let through = this.#window.tail;
    let found: Entry | undefined;
    for (const channel of channels) {
      const last = await this.#last(database, channel);
      if (E.isLeft(last)) return last;
      if (last.right <= after) continue;
      const key = JSON.stringify([database, channel, after]);
      const read = await this.#read(key, this.#dated(this.#log.next(database, channel, after)));
      if (E.isLeft(read)) return read;
      const { answer, asked } = read.right;
      if (O.isNone(answer)) {
        this.#setLast(database, channel, after, asked);
        // The question may be another poll's, of before this one came.
        through = Math.min(through, asked);
      } else if (answer.value.sequence <= (found?.sequence ?? through)) found = answer.value;
    }
    if (found === undefined || found.sequence > through) return E.right(E.left(through));
    this.#remember(found);
    return E.right(E.right(found));
  }

  /** The last sequence on a channel. The log is asked once; from then on the tail tells. */
  async #last(database: Database, channel: Channel): Result<Sequence> {
    const known = this.#lasts.get(database, channel);
    if (known !== undefined) return E.right(known);
    const stored = await this.#read(
      JSON.stringify([database, channel]),
      this.#dated(this.#log.last(database, channel)),
    );
    if (E.isLeft(stored)) return stored;
    const { answer, asked } = stored.right;
    const last = O.isSome(answer) ? answer.value : undefined;
    if (last !== undefined && E.isRight(last)) this.#remember(last.right);
    const sequence = last === undefined ? 0 : E.toUnion(last).sequence;
    return E.right(this.#setLast(database, channel, sequence, asked));
  }

  /** Notes that a channel has nothing after `sequence` but what the window holds. */
  #setLast(database: Database, channel: Channel, sequence: Sequence, asked: Sequence): Sequence {
    if (this.#lastsHeld === MAX_REMEMBERED) {
      this.#lasts.clear();
      this.#lastsHeld = 0;
    }
    if (this.#lasts.get(database, channel) === undefined) this.#lastsHeld += 1;
    const seen = lastOn(this.#window, database, channel)?.sequence ?? 0;
    // What came since the log was asked, and has left the window again, may have been on this channel.
    const unseen = this.#window.floor > asked ? this.#window.floor : 0;
    const last = Math.max(sequence, seen, unseen);
    this.#lasts.set(database, channel, last);
    return last;
  }

  /** An answer, and where the tail stood when it was asked for. */
  #dated<A>(read: TE.TaskEither<LogUnavailable, A>) {
    return async () => {
      const asked = this.#window.tail;
      return E.map((answer: A) => ({ answer, asked }))(await read());
    };
  }

  #remember({ sequence, check }: Entry): void {
    this.#checks.set(sequence, check);
    if (this.#checks.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#checks.keys()) {
      this.#checks.delete(oldest);
      return;
    }
  }

  /** One read for all who ask the same at once, and at most `MAX_READS` under way. */
  #read<A>(key: string, read: TE.TaskEither<LogUnavailable, A>): Result<A> {
    const same = this.#underWay.get(key);
    if (same !== undefined) return same as Result<A>;
    const result = this.#inTurn(read).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, result);
    return result;
  }

  async #inTurn<A>(read: TE.TaskEither<LogUnavailable, A>): Result<A> {
    if (this.#reading === MAX_READS) await new Promise<void>((turn) => this.#queue.push(turn));
    else this.#reading += 1;
    try {
      return await read();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#reading -= 1;
      else next();
    }
  }
}
