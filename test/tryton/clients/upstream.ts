/**
 * A server behind the proxy that keeps what it was asked, to the byte, and does what the test says.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Asked {
  readonly method: string | undefined;
  /** As it came, not decoded. */
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Which of the proxy's connections it came on, from 1. */
  readonly connection: number;
}

export interface Upstream {
  readonly url: string;
  readonly asked: ReadonlyArray<Asked>;
  /** Done when something was asked so many times. */
  readonly askedTimes: (times: number) => Promise<void>;
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

type Reply = (response: ServerResponse, asked: Asked) => void;

export const NOTHING = '{"message":null,"channel":null}';

/** Answers as a poll is answered to which there is nothing to say. */
export const answerNothing: Reply = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(NOTHING);
};

export const startUpstream = async (reply: Reply = answerNothing): Promise<Upstream> => {
  const asked: Array<Asked> = [];
  const connections = new Map<unknown, number>();
  const looks = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const { method, url, headers, socket } = request;
    const connection = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, connection);
    const body = Buffer.concat(await request.toArray());
    const one = { method, url, headers, body, connection };
    asked.push(one);
    for (const look of looks) look();
    reply(response, one);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    askedTimes: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (asked.length < times) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    forget: () => void asked.splice(0),
    stop: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
};
