/**
 * A log that answers late, as of earlier, or not, and is followed late.
 */
import { type LogUnavailable, logUnavailable } from '../../src/bus/errors.ts';
import { E, type TE } from '../../src/fp.ts';
import type { Head, Log } from '../../src/log/log.ts';

/** How a question that was held ends: answered as the log is by now, as it was when it was asked, or not. */
export type End = 'now' | 'then' | 'failed';

/** A log that answers, and shows its entries, when the test says so. */
export class SlowLog {
  readonly port: Log;
  isHolding = false;
  /** How often it tells of another life than the followers know. */
  otherLives = 0;
  readonly #held: Array<(end: End) => void> = [];
  #unshown: Array<() => void> | undefined;

  constructor(log: Log) {
    this.port = {
      ...log,
      head: () =>
        this.#hold(async () => {
          this.otherLives -= 1;
          const isOther = this.otherLives >= 0;
          return E.map((head: Head) => (isOther ? { ...head, epoch: 'another' } : head))(
            await log.head(),
          );
        }),
      before: (instant) => () => this.#hold(log.before(instant)),
      at: (sequence) => () => this.#hold(log.at(sequence)),
      next:
        (...asked) =>
        () =>
          this.#hold(log.next(...asked)),
      last:
        (...asked) =>
        () =>
          this.#hold(log.last(...asked)),
      follow: (epoch, after, follower) =>
        log.follow(epoch, after, {
          ...follower,
          show: (stored) => this.#tell(() => follower.show(stored)),
          caughtUp: (last) => this.#tell(() => follower.caughtUp(last)),
          reset: () => {
            if (this.#unshown !== undefined) this.#unshown = [];
            follower.reset();
          },
        }),
    };
  }

  end(index: number, end: End): void {
    const [held] = this.#held.splice(index % Math.max(1, this.#held.length), 1);
    held?.(end);
  }

  letThrough(): void {
    this.isHolding = false;
    for (const held of this.#held.splice(0)) held('now');
  }

  holdTail(): void {
    this.#unshown ??= [];
  }

  /** Shows some of what is held, or all and what comes. */
  letTailThrough(count = Number.POSITIVE_INFINITY): void {
    for (const show of this.#unshown?.splice(0, count) ?? []) show();
    if (count === Number.POSITIVE_INFINITY) this.#unshown = undefined;
  }

  #tell(tell: () => void): void {
    if (this.#unshown === undefined) tell();
    else this.#unshown.push(tell);
  }

  async #hold<A>(read: TE.TaskEither<LogUnavailable, A>): Promise<E.Either<LogUnavailable, A>> {
    if (!this.isHolding) return read();
    const then = read();
    const end = await new Promise<End>((resolve) => this.#held.push(resolve));
    if (end === 'failed') return E.left(logUnavailable('test'));
    return end === 'then' ? then : read();
  }
}
