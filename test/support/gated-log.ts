/**
 * A log that is held where a test says so: before it answers, once it has an answer, or before it shows what comes.
 */
import type { Stored } from '../../src/bus/entry.ts';
import { type LogUnavailable, logUnavailable } from '../../src/bus/errors.ts';
import { E, TE } from '../../src/fp.ts';
import type { Follower, Head, Log } from '../../src/log/log.ts';

type Read = 'at' | 'next' | 'last' | 'head';

/** A log that counts what it is asked, and answers when the test lets it. */
export class GatedLog {
  readonly port: Log;
  #held: ReadonlyArray<Read> = [];
  #answersHeld: ReadonlyArray<Read> = [];
  #unshown: Array<() => void> | undefined;
  #waiting: Array<(outcome: 'let through' | 'failed') => void> = [];
  /** Another life than the followers know, if the test says so. */
  epoch: string | undefined;
  /** What was asked, by the method's name. */
  readonly reads: Array<Read> = [];

  constructor(log: Log) {
    this.port = {
      ...log,
      follow: (epoch, after, follower) =>
        log.follow(epoch, after, { ...follower, show: (stored) => this.#show(follower, stored) }),
      head: () =>
        this.#gate(
          'head',
          TE.map((head: Head) => ({ ...head, epoch: this.epoch ?? head.epoch }))(log.head),
        )(),
      at: (sequence) => this.#gate('at', log.at(sequence)),
      next: (...names) => this.#gate('next', log.next(...names)),
      last: (...names) => this.#gate('last', log.last(...names)),
    };
  }

  /** Lets questions of these kinds wait. */
  hold(...reads: ReadonlyArray<Read>): void {
    this.#held = reads;
  }

  /** Lets answers of these kinds wait, which are of when they were asked for. */
  holdAnswers(...reads: ReadonlyArray<Read>): void {
    this.#answersHeld = reads;
  }

  /** Lets the followers wait for what comes. */
  holdTail(): void {
    this.#unshown = [];
  }

  letTailThrough(): void {
    const unshown = this.#unshown ?? [];
    this.#unshown = undefined;
    for (const show of unshown) show();
  }

  letThrough(): void {
    this.#held = [];
    this.#answersHeld = [];
    this.#end('let through');
  }

  /** Fails what is waiting; what comes later waits again. */
  fail(): void {
    this.#end('failed');
  }

  #show(follower: Follower, stored: Stored): void {
    if (this.#unshown === undefined) follower.show(stored);
    else this.#unshown.push(() => follower.show(stored));
  }

  #gate<A>(name: Read, read: TE.TaskEither<LogUnavailable, A>): TE.TaskEither<LogUnavailable, A> {
    return async () => {
      this.reads.push(name);
      const early = this.#answersHeld.includes(name) ? await read() : undefined;
      const isHeld = early !== undefined || this.#held.includes(name);
      const outcome = isHeld
        ? await new Promise((resolve) => this.#waiting.push(resolve))
        : 'let through';
      return outcome === 'failed' ? E.left(logUnavailable('test')) : (early ?? read());
    };
  }

  #end(outcome: 'let through' | 'failed'): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const end of waiting) end(outcome);
  }
}
