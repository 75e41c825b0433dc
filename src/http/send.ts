/**
 * Hands a response to fastify.
 */
import type { FastifyReply } from 'fastify';
import type { HttpResponse } from './respond.ts';

export const send = (
  reply: FastifyReply,
  { status, headers, body }: HttpResponse,
): FastifyReply => {
  if (body.length > 0) reply.type('application/json');
  return reply.code(status).headers(headers).send(body);
};
