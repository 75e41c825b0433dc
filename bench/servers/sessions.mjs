/**
 * What stands for trytond where Jetbus asks it about sessions: it answers as trytond does, 501 to a session that holds, which is
 * one with the bench's key, and 401 to any other. It runs beside the load, for its cost is not the node's.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

const KEY = /:bench$/;
const REFUSED = { 'WWW-Authenticate': 'Basic realm="Tryton"' };

export const startSessions = async () => {
  const server = createServer((request, response) => {
    request.resume();
    const [, credentials = ''] = (request.headers.authorization ?? '').split(' ');
    const holds = KEY.test(Buffer.from(credentials, 'base64').toString());
    response.writeHead(holds ? 501 : 401, holds ? {} : REFUSED).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
};
