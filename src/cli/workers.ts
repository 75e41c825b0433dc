/**
 * The primary of `jetbus serve --workers`: it does no work of the bus. It hands connections to its workers in turn, replaces those
 * that end, and stops them all.
 */
import cluster from 'node:cluster';
import type { NodeStatus } from '../hub/node.ts';
import { systemClock } from '../library/system.ts';
import type { Cancel, Logger } from '../ports.ts';
import { EXIT, type ExitCode, Failure } from './exit.ts';
import { greeting } from './greeting.ts';
import { createLogger } from './logger.ts';
import { Questions } from './questions.ts';
import type { ServeOptions } from './serve-options.ts';
import { settlePort } from './settle-port.ts';
import { stopSignal, whenAborted } from './stop-signal.ts';
import { told } from './told.ts';
import type { WorkerReport } from './worker-messages.ts';
import { type End, WorkerProcess } from './worker-process.ts';

/** Workers that cannot live are not made anew at full speed. */
const REPLACE_MS = 1000;
/** So long a worker has to say how it is. */
const STATUS_MS = 1000;

export const serveByWorkers = async (options: ServeOptions): Promise<void> => {
  let workers: Workers | undefined;
  const stop = stopSignal(() => workers?.kill());
  const logger = createLogger();
  workers = new Workers(options.workers, await settlePort(options.listen), logger);
  const started = workers.start();
  const stopped = whenAborted(stop, (signal) => {
    const stopping = workers.stop(signal);
    // Only now, so that whoever reads it finds the address closed.
    logger.info({ signal, seconds: options.drain / 1000, workers: options.workers }, 'draining');
    return stopping;
  });
  const url = await Promise.race([started, stopped]);
  if (url !== undefined) process.stdout.write(greeting(url, options));
  await stopped;
};

/** The place of a worker, which others take after it. */
interface Place {
  readonly number: number;
  process?: WorkerProcess;
  replacing?: Cancel;
}

class Workers {
  readonly #places: ReadonlyArray<Place>;
  readonly #port: number;
  readonly #logger: Logger;
  readonly #asked = new Questions<NodeStatus>(systemClock, STATUS_MS);
  #isStopping = false;
  /** Until all listen for the first time, the end of one is the end of all. */
  #failStart: ((failure: Failure) => void) | undefined;
  #allListen: (url: string) => void = () => {};

  constructor(count: number, port: number, logger: Logger) {
    this.#places = Array.from({ length: count }, (_, n) => ({ number: n + 1 }));
    this.#port = port;
    this.#logger = logger;
  }

  /** Done when all listen; rejects when one cannot. */
  start(): Promise<string> {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    return new Promise((resolve, reject) => {
      this.#failStart = reject;
      this.#allListen = resolve;
      for (const place of this.#places) this.#fork(place);
    });
  }

  /** Stops all of them at once; done when all have ended, and rejects when one did not end what it held. */
  async stop(signal: string): Promise<void> {
    this.#isStopping = true;
    for (const { process, replacing } of this.#places) {
      replacing?.();
      process?.drain(signal);
    }
    const ends = await Promise.all(this.#places.map(endOf));
    const bad = ends.find((end) => end !== undefined && end.code !== EXIT.ok);
    if (bad !== undefined) throw failureOf(bad);
  }

  kill(): void {
    for (const { process } of this.#places) process?.kill();
  }

  #fork(place: Place): void {
    try {
      const forked = this.#start(place.number);
      place.process = forked;
      void forked.ended.then((end) => this.#ended(place, end));
    } catch (error) {
      // No memory for one more process, for example: those that run go on.
      this.#ended(place, { code: null, signal: null, told: told(error) });
    }
  }

  #start(number: number): WorkerProcess {
    const started = new WorkerProcess({ number, port: this.#port }, this.#asked, {
      listening: (url) => this.#listens(url),
      leaving: (signal) => started.drain(signal),
      asks: async (ask) => started.send({ type: 'reports', ask, reports: await this.#report() }),
    });
    return started;
  }

  #listens(url: string): void {
    if (!this.#places.every(({ process }) => process?.isListening)) return;
    this.#failStart = undefined;
    this.#allListen(url);
  }

  #ended(place: Place, end: End): void {
    if (this.#isStopping) return;
    if (this.#failStart !== undefined) {
      this.#isStopping = true;
      this.kill();
      this.#failStart(failureOf(end));
      return;
    }
    const { code, signal } = end;
    const facts = { worker: place.number, ended: place.process?.pid, code, signal };
    this.#logger.error(
      { ...facts, reason: end.told?.words },
      'a worker has ended; another one takes its place',
    );
    delete place.process;
    place.replacing = systemClock.after(REPLACE_MS, () => this.#fork(place));
  }

  #report(): Promise<ReadonlyArray<WorkerReport>> {
    return Promise.all(
      this.#places.map(
        ({ number, process }) => process?.report() ?? { worker: number, missing: 'is starting' },
      ),
    );
  }
}

/** How a worker ended that had begun to serve. */
const endOf = async ({ process }: Place): Promise<End | undefined> => {
  const end = await process?.ended;
  return process?.isListening ? end : undefined;
};

const failureOf = ({ code, signal, told }: End): Failure =>
  new Failure(
    told?.code ?? codeOf(code),
    told?.words ?? `a worker was ended by ${signal ?? `an error, with ${code}`}`,
  );

const codeOf = (code: number | null): ExitCode =>
  Object.values(EXIT).find((each) => each === code && each !== EXIT.ok) ?? EXIT.unavailable;
