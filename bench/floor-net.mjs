/**
 * What is below the floor: the same on `node:net` alone, with just enough HTTP to know where a request ends. It shows what
 * `node:http` costs, and is no server that anybody should meet.
 */
import { createServer } from 'node:net';

const EPOCH = 'the-floor-of-all';
const CHECK = '00000000';

const held = new Map();
let count = 0;
let sequence = 0;

const answer = (status, text) =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\nBus-Resume: exact\r\nContent-Length: ${Buffer.byteLength(text)}\r\nDate: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=95\r\n\r\n${text}`;

const hold = ({ channels: [channel] }, socket) => {
  count += 1;
  const others = held.get(channel);
  if (others === undefined) held.set(channel, [socket]);
  else others.push(socket);
};

const publish = ({ channel, message }, socket) => {
  sequence += 1;
  const id = `${EPOCH}-${sequence}-${CHECK}`;
  const text = JSON.stringify({ message: { ...message, message_id: id }, channel });
  const waiting = held.get(channel) ?? [];
  held.delete(channel);
  count -= waiting.length;
  const bytes = Buffer.from(answer('200 OK', text));
  for (const each of waiting) each.write(bytes);
  socket.write(answer('201 Created', JSON.stringify({ channel, message_id: id })));
};

const take = (head, body, socket) => {
  const [, path] = head.split(' ', 2);
  if (path === '/-/readyz') socket.write(answer('200 OK', JSON.stringify({ held: count })));
  else if (path === '/bench/bus') hold(JSON.parse(body), socket);
  else publish(JSON.parse(body), socket);
};

const server = createServer({ noDelay: true }, (socket) => {
  let begun = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    begun += chunk.toString('latin1');
    const end = begun.indexOf('\r\n\r\n') + 4;
    if (end < 4) return;
    const [, digits = '0'] = /\r\ncontent-length: *(\d+)/i.exec(begun) ?? [];
    if (begun.length < end + Number(digits)) return;
    const request = begun;
    begun = '';
    take(request, request.slice(end), socket);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The floor serves on http://127.0.0.1:${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit());
