/**
 * A worker of `jetbus serve --workers`: a node whose connections the primary hands to it, and which stops when the primary
 * says so, or is there no more.
 */
import cluster from 'node:cluster';
import type { Readiness } from '../http/readiness.ts';
import type { Node } from '../hub/node.ts';
import { systemClock } from '../library/system.ts';
import { EXIT } from './exit.ts';
import { createLogger } from './logger.ts';
import { Questions } from './questions.ts';
import { serveNode } from './serve-node.ts';
import type { ServeOptions } from './serve-options.ts';
import { told } from './told.ts';
import {
  type FromWorker,
  type ToWorker,
  WORKER_NUMBER,
  WORKER_PORT,
  type WorkerReport,
} from './worker-messages.ts';
import { readinessOfAll } from './worker-readiness.ts';

/** Longer than the primary waits for a worker. */
const PRIMARY_MS = 2000;

export const serveAsWorker = async (options: ServeOptions): Promise<void> => {
  const number = Number(process.env[WORKER_NUMBER]);
  const port = Number(process.env[WORKER_PORT]);
  const stop = new AbortController();
  const asked = new Questions<ReadonlyArray<WorkerReport>>(systemClock, PRIMARY_MS);
  let node: Node | undefined;

  process.on('message', (message: ToWorker) => {
    if (message.type === 'drain') stop.abort(message.signal);
    if (message.type === 'reports') asked.answer(message.ask, message.reports);
    if (message.type === 'report' && node !== undefined) {
      tell({ type: 'status', ask: message.ask, status: node.status() });
    }
  });
  // A Ctrl-C reaches every process of a terminal: what follows from it is the primary's word.
  process.on('SIGINT', () => {});
  // The primary has to stop handing over connections first.
  process.on('SIGTERM', (signal) => tell({ type: 'leaving', signal }));
  cluster.worker?.once('disconnect', () => {
    // Without the primary nobody can connect, and nobody has.
    if (node === undefined) process.exit(EXIT.ok);
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true; // or Node exits now
    stop.abort('the primary is gone');
    asked.giveUp();
  });

  const readiness = async (): Promise<Readiness> => {
    if (process.connected) {
      const reports = await asked.ask((ask) => tell({ type: 'asks', ask }));
      if (reports !== undefined) return readinessOfAll(reports);
    }
    const own = { worker: number, pid: process.pid };
    const status = node?.status();
    return readinessOfAll(
      [status === undefined ? { ...own, missing: 'is starting' } : { ...own, status }],
      process.connected ? ['the primary does not answer'] : [],
    );
  };

  try {
    await serveNode(
      { ...options, listen: { ...options.listen, port } },
      {
        logger: createLogger({ worker: number }),
        stop: stop.signal,
        readiness,
        listening: (url, started) => {
          node = started;
          tell({ type: 'listening', url });
        },
      },
    );
    // Nobody would notice that it lives on, and an attempt to reach NATS that took too long may leave a socket open.
    process.exit(EXIT.ok);
  } catch (error) {
    if (!process.connected) throw error;
    tell({ type: 'failed', told: told(error) }, () => process.exit(told(error).code));
  }
};

/** A primary that is gone needs to be told nothing more. */
const tell = (message: FromWorker, done: () => void = () => {}): void => {
  process.send?.(message, undefined, undefined, done);
};
