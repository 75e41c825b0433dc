/**
 * One process that works for the primary, from its fork to its end.
 */
import cluster, { type Worker } from 'node:cluster';
import type { NodeStatus } from '../hub/node.ts';
import { systemClock } from '../library/system.ts';
import { watchHandingOver } from './handed-over.ts';
import type { Questions } from './questions.ts';
import { type Told, told } from './told.ts';
import {
  type FromWorker,
  type ToWorker,
  WORKER_NUMBER,
  WORKER_PORT,
  type WorkerReport,
} from './worker-messages.ts';

interface Place {
  readonly number: number;
  readonly port: number;
}

interface Listener {
  readonly listening: (url: string) => void;
  /** It was told to stop, by nobody here. */
  readonly leaving: (signal: string) => void;
  /** A client asked it how all workers are. */
  readonly asks: (ask: number) => void;
}

export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said of it, if it could. */
  readonly told?: Told;
}

/** What a process said last may be read after its end, and no event tells for certain when. */
const LOOK_MS = 5;

export class WorkerProcess {
  /** Done when it has ended, and all that it said was heard. */
  readonly ended: Promise<End>;
  readonly #number: number;
  readonly #worker: Worker;
  readonly #asked: Questions<NodeStatus>;
  readonly #listener: Listener;
  #isListening = false;
  #isLeaving = false;
  #told: Told | undefined;

  constructor({ number, port }: Place, asked: Questions<NodeStatus>, listener: Listener) {
    this.#number = number;
    this.#asked = asked;
    this.#listener = listener;
    this.#worker = cluster.fork({ [WORKER_NUMBER]: number, [WORKER_PORT]: port });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.ended = this.#end(watchHandingOver(this.#worker));
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** From this moment on it is handed no connection, and the address is closed if it was the last; it ends what it holds. */
  drain(signal: string): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.send({ type: 'drain', signal });
    // It reads this after the message: its server is closed by then, in a way that cuts nobody.
    this.#worker.disconnect();
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  async report(): Promise<WorkerReport> {
    const { pid } = this;
    const worker = { worker: this.#number, ...(pid === undefined ? {} : { pid }) };
    if (this.#isLeaving) return { ...worker, missing: 'is draining' };
    if (!this.#isListening) return { ...worker, missing: 'is starting' };
    const status = await this.#asked.ask((ask) => this.send({ type: 'report', ask }));
    return status === undefined ? { ...worker, missing: 'does not answer' } : { ...worker, status };
  }

  /** What cannot be said to it any more, its end makes needless. */
  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => {});
  }

  #hear(message: FromWorker): void {
    if (message.type === 'failed') this.#told = message.told;
    else if (message.type === 'status') this.#asked.answer(message.ask, message.status);
    else if (message.type === 'leaving') this.#listener.leaving(message.signal);
    else if (message.type === 'asks') this.#listener.asks(message.ask);
    else {
      this.#isListening = true;
      this.#listener.listening(message.url);
    }
  }

  #end(cutHandedOver: () => void): Promise<End> {
    return new Promise((resolve) => {
      const finish = (end: Omit<End, 'told'>, told = this.#told): void => {
        // Node forgets to, when it died with a connection on its way.
        this.#worker.disconnect();
        cutHandedOver();
        resolve({ ...end, ...(told === undefined ? {} : { told }) });
      };
      this.#worker.once('exit', (code, signal) => {
        const whenHeard = (): void => {
          if (this.#worker.isConnected()) systemClock.after(LOOK_MS, whenHeard);
          else finish({ code, signal });
        };
        whenHeard();
      });
      // Of a message that found nobody its end tells more; but a process that could not be started has none.
      this.#worker.on('error', (error) => {
        if (this.pid === undefined) finish({ code: null, signal: null }, told(error));
      });
    });
  }
}
