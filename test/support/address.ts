/**
 * Addresses for servers of the tests' own.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const handedOut = new Set<string>();

/** A free address; never the same one twice, as a server that is stopped comes back to its own. */
export const freeAddress = async (): Promise<string> => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  await once(listener.close(), 'close');
  if (handedOut.has(address)) return freeAddress();
  handedOut.add(address);
  return address;
};
