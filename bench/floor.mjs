/**
 * The floor: the least that a Node server does to hold polls and to answer them, to which Jetbus is compared. `node:http` alone:
 * nobody is asked who polls, nothing is kept, and a message is for those who are held when it comes (`parked.mjs`). Its answers have
 * as many bytes as Jetbus's, under the same headers.
 */
import { createServer } from 'node:http';
import { parkedPolls } from './parked.mjs';

const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'Bus-Resume': 'exact',
};

const answer = (response, status, text) =>
  response.writeHead(status, { ...HEADERS, 'Content-Length': Buffer.byteLength(text) }).end(text);

const take = parkedPolls(answer, (responses, text) => {
  for (const response of responses) answer(response, 200, text);
});

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => take(request.url, body, response));
});
server.keepAliveTimeout = 95_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The floor serves on http://127.0.0.1:${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit());
