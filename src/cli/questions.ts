/**
 * Questions that another process answers by a message, each with a number, and none for longer than a time.
 */
import type { Cancel, Clock } from '../ports.ts';

export class Questions<A> {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #open = new Map<number, (answer: A | undefined) => void>();
  #count = 0;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a question by its number; undefined when no answer came in time. */
  ask(send: (ask: number) => void): Promise<A | undefined> {
    this.#count += 1;
    const ask = this.#count;
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      this.#open.set(ask, (answer) => {
        cancel();
        this.#open.delete(ask);
        resolve(answer);
      });
      cancel = this.#clock.after(this.#timeoutMs, () => this.answer(ask, undefined));
      send(ask);
    });
  }

  answer(ask: number, answer: A | undefined): void {
    this.#open.get(ask)?.(answer);
  }

  /** Nobody will answer any more. */
  giveUp(): void {
    for (const answer of this.#open.values()) answer(undefined);
  }
}
