/**
 * Whether polls are answered, or why not: what `/-/readyz` says. Pure.
 */
import type { NodeStatus } from '../hub/node.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: ReadonlyArray<string>;
}

export const readinessOf = (status: NodeStatus): Readiness & NodeStatus => {
  const reasons = whyNotReady(status);
  return { ready: reasons.length === 0, reasons, ...status };
};

export const whyNotReady = ({ node, tail }: NodeStatus): ReadonlyArray<string> => {
  const reasons = [];
  if (node !== 'serving') reasons.push(`the node is ${node}`);
  if (tail.state !== 'live') {
    reasons.push(`the tail is ${tail.state}${tail.reason === undefined ? '' : `: ${tail.reason}`}`);
  }
  return reasons;
};
