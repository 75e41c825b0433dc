/**
 * `/-/healthz`: the process lives. `/-/readyz`: polls are answered here, or why not.
 */
import type { FastifyInstance } from 'fastify';
import type { Node } from '../hub/node.ts';
import { type Readiness, readinessOf } from './readiness.ts';

interface HealthOptions {
  readonly node: Node;
  /** Asked instead of the node, where more than it decides whether polls are answered at its address. */
  readonly readiness?: () => Promise<Readiness>;
}

export const addHealthRoutes = (app: FastifyInstance, options: HealthOptions): void => {
  const { node, readiness = async () => readinessOf(node.status()) } = options;
  app.get('/-/healthz', async () => ({ status: 'alive', node: node.status().node }));
  app.get('/-/readyz', async (_request, reply) => {
    const answer = await readiness();
    reply.code(answer.ready ? 200 : 503);
    return answer;
  });
};
