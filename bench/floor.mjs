/**
 * The floor: the least that a Node server does to hold polls and to answer them, to which Jetbus is compared. `node:http` alone:
 * nobody is asked who polls, nothing is kept, and a message is for those who are held when it comes. Its answers have as many
 * bytes as Jetbus's, under the same headers.
 */
import { createServer } from 'node:http';

/** As long as the ids of Jetbus, so that the answers are. */
const EPOCH = 'the-floor-of-all';
const CHECK = '00000000';
const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'Bus-Resume': 'exact',
};

const held = new Map();
let count = 0;
let sequence = 0;

const answer = (response, status, text) =>
  response.writeHead(status, { ...HEADERS, 'Content-Length': Buffer.byteLength(text) }).end(text);

const hold = ({ channels: [channel] }, response) => {
  count += 1;
  const others = held.get(channel);
  if (others === undefined) held.set(channel, [response]);
  else others.push(response);
};

const publish = ({ channel, message }, response) => {
  sequence += 1;
  const id = `${EPOCH}-${sequence}-${CHECK}`;
  const text = JSON.stringify({ message: { ...message, message_id: id }, channel });
  const waiting = held.get(channel) ?? [];
  held.delete(channel);
  count -= waiting.length;
  for (const each of waiting) answer(each, 200, text);
  answer(response, 201, JSON.stringify({ channel, message_id: id }));
};

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    if (request.url === '/-/readyz') answer(response, 200, JSON.stringify({ held: count }));
    else if (request.url === '/bench/bus') hold(JSON.parse(body), response);
    else publish(JSON.parse(body), response);
  });
});
server.keepAliveTimeout = 95_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The floor serves on http://127.0.0.1:${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit());
