/**
 * The port that all workers are to listen on.
 */
import { type AddressInfo, createServer } from 'node:net';
import { EXIT, Failure } from './exit.ts';
import type { Address } from './options.ts';

/**
 * Finds out once whether an address can be listened on, before several processes would say that it cannot. A port 0 becomes the
 * number of a free one: a worker that takes another's place has to listen where that did, even when no other is left.
 */
export const settlePort = (address: Address): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', ({ message }) => reject(new Failure(EXIT.unavailable, message)));
    server.listen({ ...address }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
