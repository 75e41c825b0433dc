/**
 * Asking a log in tests: an answer, or the test fails with the log's own word.
 */
import type { Entry, Stored } from '../../src/bus/entry.ts';
import type { BusError } from '../../src/bus/errors.ts';
import { type MessageId, parseMessageId } from '../../src/bus/message-id.ts';
import { Channel, Database, IdempotencyKey } from '../../src/bus/names.ts';
import { E, O, type TE } from '../../src/fp.ts';
import type { Appending, Follower, Following, Log } from '../../src/log/log.ts';

/** The answer to a question; throws the error that came instead. */
export const answer = async <A>(ask: TE.TaskEither<BusError, A>): Promise<A> => {
  const result = await ask();
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The error that came; throws when an answer did. */
export const refusal = async <A>(ask: TE.TaskEither<BusError, A>): Promise<BusError> => {
  const result = await ask();
  if (E.isRight(result)) throw new Error(`answered ${JSON.stringify(result.right)}`);
  return result.left;
};

export const database = (name: string): Database => {
  if (!Database.is(name)) throw new Error(`${name} is no database`);
  return name;
};

export const channel = (name: string): Channel => {
  if (!Channel.is(name)) throw new Error(`${name} is no channel`);
  return name;
};

export const appending = (
  databaseName: string,
  channelName: string,
  message: unknown,
  key?: string,
): Appending => ({
  database: database(databaseName),
  channel: channel(channelName),
  bytes: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
  ...(IdempotencyKey.is(key) ? { key } : {}),
});

/** What an id says; throws when it is none. */
export const messageIdOf = (text: string): MessageId => {
  const id = parseMessageId(text);
  if (O.isNone(id)) throw new Error(`${text} is no id`);
  return id.value;
};

/** Everything that a follower was told, and a way to wait for more of it. */
export class Recorder implements Follower {
  readonly stored: Array<Stored> = [];
  readonly news: Array<string> = [];
  #waiting: Array<{ readonly isMet: () => boolean; readonly resolve: () => void }> = [];

  readonly show = (stored: Stored): void => this.#note(() => this.stored.push(stored));
  readonly caughtUp = (): void => this.#note(() => this.news.push('caughtUp'));
  readonly stalled = (): void => this.#note(() => this.news.push('stalled'));
  readonly resumed = (): void => this.#note(() => this.news.push('resumed'));
  readonly reset = (): void => this.#note(() => this.news.push('reset'));

  get entries(): ReadonlyArray<Entry> {
    return this.stored.flatMap((stored) => (E.isRight(stored) ? [stored.right] : []));
  }

  get sequences(): ReadonlyArray<number> {
    return this.stored.map((stored) =>
      E.isRight(stored) ? stored.right.sequence : stored.left.sequence,
    );
  }

  /** Done when so many records were shown. */
  count(records: number): Promise<void> {
    return this.#until(() => this.stored.length >= records);
  }

  /** Done when it was told so. */
  told(news: string): Promise<void> {
    return this.#until(() => this.news.includes(news));
  }

  #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  #note(note: () => void): void {
    note();
    const met = this.#waiting.filter(({ isMet }) => isMet());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { resolve } of met) resolve();
  }
}

/** Follows a log from a sequence on, in the life that it is in. */
export const record = async (
  log: Log,
  after = 0,
): Promise<{ readonly recorder: Recorder; readonly following: Following }> => {
  const { epoch } = await answer(log.head);
  const recorder = new Recorder();
  return { recorder, following: log.follow(epoch, after, recorder) };
};
