/**
 * A bus node: one tail, one hub, one publisher, and the actor that says how far it is.
 */
import { createActor, waitFor } from 'xstate';
import { type BusError, closed } from '../bus/errors.ts';
import { E, type TE } from '../fp.ts';
import type { WriterStatus } from '../journal/writer.ts';
import type { Logger } from '../ports.ts';
import { Hub, type HubOptions } from './hub.ts';
import { nodeMachine } from './node-machine.ts';
import { type Published, type Publisher, publisher } from './publisher.ts';
import { startTail, type TailStatus } from './tail.ts';

export interface NodeOptions extends HubOptions {
  readonly logger: Logger;
}

export interface NodeStatus {
  readonly node: string;
  readonly tail: TailStatus;
  /** Polls held now. */
  readonly held: number;
  readonly journal?: WriterStatus;
}

export interface Node {
  readonly hub: Hub;
  readonly publisher: Publisher;
  readonly status: () => NodeStatus;
  /** Ends what is held, spread over some milliseconds, and stops, once. Done when the log is closed. */
  readonly stop: (drainMs: number) => Promise<void>;
}

export const startNode = (options: NodeOptions): Node => {
  const { log, clock, logger, settings } = options;
  const hub = new Hub(options);
  const publishing = ending(publisher(log));
  let drainMs = 0;

  const actor = createActor(
    nodeMachine.provide({
      actions: {
        drain: () => void hub.drain(drainMs).then(() => actor.send({ type: 'DRAINED' })),
        stop: () => {
          hub.close();
          tail.stop();
        },
      },
    }),
  );
  const tail = startTail({
    log,
    clock,
    logger,
    cacheTimeoutMs: settings.cacheTimeoutMs,
    listener: {
      began: (life) => {
        hub.begin(life);
        actor.send({ type: 'READY' });
      },
      moved: (entry) => hub.arrive(entry),
      ended: () => hub.reset(),
    },
  });
  let stopped: Promise<void> | undefined;
  const stop = async (milliseconds: number): Promise<void> => {
    drainMs = milliseconds;
    actor.send({ type: 'DRAIN' });
    await waitFor(actor, ({ status }) => status === 'done');
    await publishing.end();
    await options.journal?.close();
    await log.close();
  };
  let before: unknown;
  actor.subscribe(({ value }) => {
    if (value === before) return;
    logger.info({ held: hub.held }, `the node is ${value}`);
    options.journal?.became(value);
    before = value;
  });
  actor.start();

  return {
    hub,
    publisher: publishing.publisher,
    status: () => ({
      node: String(actor.getSnapshot().value),
      tail: tail.status(),
      held: hub.held,
      ...(options.journal === undefined ? {} : { journal: options.journal.status }),
    }),
    stop: (milliseconds) => {
      stopped ??= stop(milliseconds);
      return stopped;
    },
  };
};

/**
 * A publisher that can be told to end: what the log may have kept is answered before it is closed, and what comes later is
 * refused.
 */
const ending = (publisher: Publisher) => {
  let underWay = 0;
  let isOver = false;
  let onIdle = () => {};
  const counted =
    <A extends ReadonlyArray<unknown>>(
      publish: (...args: A) => TE.TaskEither<BusError, Published>,
    ) =>
    (...args: A): TE.TaskEither<BusError, Published> =>
    async () => {
      if (isOver) return E.left(closed);
      underWay += 1;
      try {
        return await publish(...args)();
      } finally {
        underWay -= 1;
        if (underWay === 0) onIdle();
      }
    };
  return {
    publisher: { publish: counted(publisher.publish), notify: counted(publisher.notify) },
    end: (): Promise<void> =>
      new Promise((resolve) => {
        isOver = true;
        onIdle = resolve;
        if (underWay === 0) resolve();
      }),
  };
};
