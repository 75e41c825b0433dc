/**
 * `/-/healthz`: the process lives. `/-/readyz`: polls are answered here, or why not.
 */
import type { FastifyInstance } from 'fastify';
import type { Node, NodeStatus } from '../hub/node.ts';

export const addHealthRoutes = (app: FastifyInstance, node: Node): void => {
  app.get('/-/healthz', async () => ({ status: 'alive', node: node.status().node }));
  app.get('/-/readyz', async (_request, reply) => {
    const status = node.status();
    const reasons = whyNotReady(status);
    reply.code(reasons.length === 0 ? 200 : 503);
    return { ready: reasons.length === 0, reasons, ...status };
  });
};

const whyNotReady = ({ node, tail }: NodeStatus): ReadonlyArray<string> => {
  const reasons = [];
  if (node !== 'serving') reasons.push(`the node is ${node}`);
  if (tail.state !== 'live') {
    reasons.push(`the tail is ${tail.state}${tail.reason === undefined ? '' : `: ${tail.reason}`}`);
  }
  return reasons;
};
