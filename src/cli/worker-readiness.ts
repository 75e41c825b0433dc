/**
 * Whether all workers answer polls, from what each says. Pure.
 */
import { type Readiness, whyNotReady } from '../http/readiness.ts';
import type { NodeStatus } from '../hub/node.ts';
import type { WorkerReport } from './worker-messages.ts';

interface ReadinessOfAll extends Readiness {
  /** Polls held by all of them. */
  readonly held: number;
  readonly workers: ReadonlyArray<Omit<WorkerReport, 'status'> & Partial<NodeStatus>>;
}

/** `reasons` are further ones why not. */
export const readinessOfAll = (
  reports: ReadonlyArray<WorkerReport>,
  reasons: ReadonlyArray<string> = [],
): ReadinessOfAll => {
  const all = [...reasons, ...reports.flatMap(whyNot)];
  return {
    ready: all.length === 0,
    reasons: all,
    held: reports.reduce((held, { status }) => held + (status?.held ?? 0), 0),
    workers: reports.map(({ status, ...report }) => ({ ...report, ...status })),
  };
};

const whyNot = ({ worker, status, missing }: WorkerReport): ReadonlyArray<string> => {
  if (missing !== undefined) return [`worker ${worker} ${missing}`];
  return status === undefined
    ? []
    : whyNotReady(status).map((reason) => `worker ${worker}: ${reason}`);
};
