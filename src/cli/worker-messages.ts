/**
 * What the primary and its workers tell each other.
 */
import type { NodeStatus } from '../hub/node.ts';
import type { Told } from './told.ts';

/** What a worker is told by its environment: which one it is, and the port that all of them share. */
export const WORKER_NUMBER = 'JETBUS_WORKER_NUMBER';
export const WORKER_PORT = 'JETBUS_WORKER_PORT';

/** `ask` is the number of a question, which its answer bears. */
export type ToWorker =
  | { readonly type: 'drain'; readonly signal: string }
  | { readonly type: 'report'; readonly ask: number }
  | {
      readonly type: 'reports';
      readonly ask: number;
      readonly reports: ReadonlyArray<WorkerReport>;
    };

export type FromWorker =
  /** Clients can connect to it. */
  | { readonly type: 'listening'; readonly url: string }
  /** It ends, and has said nothing of it. */
  | { readonly type: 'failed'; readonly told: Told }
  /** It was told to stop, alone. */
  | { readonly type: 'leaving'; readonly signal: string }
  | { readonly type: 'status'; readonly ask: number; readonly status: NodeStatus }
  /** It was asked how all are. */
  | { readonly type: 'asks'; readonly ask: number };

/** How a worker is, or why nobody knows. */
export interface WorkerReport {
  readonly worker: number;
  readonly pid?: number;
  readonly status?: NodeStatus;
  readonly missing?: 'is starting' | 'is draining' | 'does not answer';
}
