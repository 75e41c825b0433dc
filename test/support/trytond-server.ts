/**
 * A server that plays trytond, or whatever may stand in its place: how it answers is the test's to say.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Question, type Trytond, trytondAt } from '../../src/auth/trytond-question.ts';
import { userOf } from './arbitrary.ts';

/** A request as it came in. */
export interface Asked {
  readonly method: string | undefined;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The client's own port: which of its connections it came on. */
  readonly port: number | undefined;
}

export type Play = (response: ServerResponse, asked: Asked) => unknown;

export interface TrytondServer {
  readonly url: string;
  readonly asked: ReadonlyArray<Asked>;
  readonly connections: () => Promise<number>;
  /** How many questions were under way together at most. */
  readonly mostInFlight: () => number;
  readonly stop: () => Promise<void>;
}

export const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="Tryton"' };

/** An answer to everybody, as a proxy gives it that knows no sessions. */
export const always =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Play =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** trytond: it looks at the key, and says 401 to every other one; to a good one what the test says. */
export const trytond =
  (key: string, toGood: Play = always(501)): Play =>
  (response, asked) =>
    credentialsOf(asked).key === key
      ? toGood(response, asked)
      : always(401, CHALLENGE)(response, asked);

/** What trytond reads in the header: Python knows no Base64 but the plain one. */
export const credentialsOf = ({ headers }: Asked) => {
  const [, text = ''] = /^Session ([A-Za-z0-9+/]*={0,2})$/.exec(headers.authorization ?? '') ?? [];
  const [login, user, ...key] = Buffer.from(text, 'base64').toString().split(':');
  return { login, user, key: key.join(':') };
};

export const startTrytond = async (play: Play): Promise<TrytondServer> => {
  const asked: Array<Asked> = [];
  let inFlight = 0;
  let most = 0;
  const server = createServer((request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    request.on('error', () => {});
    void request
      .toArray()
      .then((chunks) => {
        const { method, url: path = '', headers, socket } = request;
        const body = Buffer.concat(chunks).toString();
        asked.push({ method, path, headers, body, port: socket.remotePort });
        return play(response, asked.at(-1) as Asked);
      })
      .catch(() => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    connections: () =>
      new Promise((resolve) => server.getConnections((_, connections) => resolve(connections))),
    mostInFlight: () => most,
    stop,
  };
};

/** Asks the trytond at a URL, until the test ends. */
export const asking = (url: string, questionMs?: number): Trytond => {
  const asker = trytondAt(url, questionMs);
  onTestFinished(() => asker.close());
  return asker;
};

export const questionOf = (key = 'good', rest: Partial<Question> = {}): Question => ({
  database: 'prod',
  credentials: { _tag: 'Session', login: 'ada', user: userOf('7'), key },
  address: undefined,
  ...rest,
});

/** Whether a question is about the session that cannot be. */
export const isAboutNobody = (asked: Asked): boolean => credentialsOf(asked).user === '0';

export const aboutNobody = ({ asked }: TrytondServer): ReadonlyArray<Asked> =>
  asked.filter(isAboutNobody);

export const aboutAda = ({ asked }: TrytondServer): ReadonlyArray<Asked> =>
  asked.filter((each) => !isAboutNobody(each));
