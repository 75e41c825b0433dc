/**
 * A node's one ordered tail of the log: it folds what the log shows into the window, and tells the hub what arrived.
 */
import { createActor } from 'xstate';
import type { Entry, Stored } from '../bus/entry.ts';
import type { Epoch, Sequence } from '../bus/names.ts';
import { append, emptyWindow, expire, skip, type Window } from '../bus/window.ts';
import { E } from '../fp.ts';
import type { Following, Log } from '../log/log.ts';
import type { Cancel, Clock, Logger } from '../ports.ts';
import { tailMachine } from './tail-machine.ts';

/** One life of the log as this node has seen it. */
export interface Life {
  readonly epoch: Epoch;
  readonly window: Window;
}

interface TailListener {
  /** The window holds everything recent: polls can be answered. Comes again after every stall. */
  readonly began: (life: Life) => void;
  /** The tail moved on; `entry` is what it saw, if a client may be shown it. */
  readonly moved: (entry: Entry | undefined) => void;
  /** The life is over: no sequence of it means anything any more. */
  readonly ended: () => void;
}

export interface TailOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cacheTimeoutMs: number;
  readonly listener: TailListener;
}

export interface Tail {
  /** The state by its name, and why it is not `live`. */
  readonly status: () => TailStatus;
  readonly stop: () => void;
}

export interface TailStatus {
  readonly state: string;
  readonly reason?: string;
  /** The last sequence seen. */
  readonly sequence: Sequence;
  /** Records that no client is shown. */
  readonly undecodable: number;
}

const RETRY_MS = 500;

export const startTail = (options: TailOptions): Tail => {
  const tail = new TailActor(options);
  tail.start();
  return tail;
};

class TailActor implements Tail {
  readonly #options: TailOptions;
  readonly #actor;
  #life: Life = { epoch: '', window: emptyWindow(0) };
  #following: Following | undefined;
  #retry: Cancel | undefined;
  #reason: string | undefined;
  #undecodable = 0;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#actor = createActor(
      tailMachine.provide({
        actions: {
          open: () => void this.#open(),
          begin: () => options.listener.began(this.#life),
          drop: () => {
            options.logger.warn({ epoch: this.#life.epoch }, 'the life of the log has ended');
            options.listener.ended();
          },
          end: () => {
            this.#following?.end();
            this.#retry?.();
          },
        },
      }),
    );
  }

  start(): void {
    let before: unknown;
    this.#actor.subscribe(({ value }) => {
      if (value === before) return;
      before = value;
      if (value === 'catchingUp' || value === 'live') this.#reason = undefined;
      const { tail: sequence } = this.#life.window;
      this.#options.logger.info({ reason: this.#reason, sequence }, `the tail is ${value}`);
    });
    this.#actor.start();
  }

  stop(): void {
    this.#actor.send({ type: 'STOP' });
  }

  status(): TailStatus {
    return {
      state: String(this.#actor.getSnapshot().value),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      sequence: this.#life.window.tail,
      undecodable: this.#undecodable,
    };
  }

  async #open(): Promise<void> {
    const { log, clock, cacheTimeoutMs } = this.#options;
    const head = await log.head();
    const start = E.isLeft(head) ? head : await log.before(log.now() - cacheTimeoutMs)();
    if (this.#actor.getSnapshot().status !== 'active') return;
    if (E.isLeft(head) || E.isLeft(start)) {
      if (E.isLeft(start)) this.#stalled(start.left.reason);
      this.#retry = clock.after(RETRY_MS, () => void this.#open());
      return;
    }
    this.#life = { epoch: head.right.epoch, window: emptyWindow(start.right) };
    this.#actor.send({ type: 'OPENED' });
    this.#following = log.follow(head.right.epoch, start.right, {
      show: (stored) => this.#show(stored),
      caughtUp: (last) => this.#caughtUp(last),
      stalled: (reason) => this.#stalled(reason),
      resumed: () => this.#actor.send({ type: 'RESUMED' }),
      reset: () => this.#actor.send({ type: 'RESET' }),
    });
  }

  #show(stored: Stored): void {
    const { log, cacheTimeoutMs, listener } = this.#options;
    const { window } = this.#life;
    if (E.isRight(stored)) append(window, stored.right);
    else {
      skip(window, stored.left.sequence);
      this.#refuse(stored.left.sequence, stored.left.reason);
    }
    expire(window, log.now() - cacheTimeoutMs);
    listener.moved(E.isRight(stored) ? stored.right : undefined);
  }

  #refuse(sequence: Sequence, reason: string): void {
    this.#undecodable += 1;
    if (this.#undecodable > 1) return;
    this.#options.logger.warn({ sequence, reason }, 'a record was skipped; more are only counted');
  }

  #caughtUp(last: Sequence): void {
    const { window } = this.#life;
    if (last > window.tail) {
      skip(window, last);
      this.#options.listener.moved(undefined);
    }
    this.#actor.send({ type: 'CAUGHT_UP' });
  }

  #stalled(reason: string): void {
    if (reason !== this.#reason) this.#options.logger.warn({ reason }, 'the log does not answer');
    this.#reason = reason;
    this.#actor.send({ type: 'STALLED' });
  }
}
