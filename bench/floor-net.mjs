/**
 * What is below the floor: the same on `node:net` alone, with just enough HTTP to know where a request ends. It shows what
 * `node:http` costs, and is no server that anybody should meet.
 */
import { createServer } from 'node:net';
import { parkedPolls } from './parked.mjs';

const REASONS = { 200: 'OK', 201: 'Created' };

const responseOf = (status, text) =>
  `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\nBus-Resume: exact\r\nContent-Length: ${Buffer.byteLength(text)}\r\nDate: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=95\r\n\r\n${text}`;

const take = parkedPolls(
  (socket, status, text) => socket.write(responseOf(status, text)),
  (sockets, text) => {
    const bytes = Buffer.from(responseOf(200, text));
    for (const socket of sockets) socket.write(bytes);
  },
);

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
    const [, path] = request.split(' ', 2);
    take(path, request.slice(end), socket);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The floor serves on http://127.0.0.1:${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit());
