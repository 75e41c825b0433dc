/**
 * A raw HTTP client for tests: it says nothing that it was not told to, has no time-out, and lets a socket be broken off.
 */
import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, request as startRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A header that is undefined is not sent. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface Request {
  /** The server's, without a path. */
  readonly url: string;
  readonly path: string;
  /** POST if not given. */
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string | Uint8Array;
  /** Whose sockets to use; a socket for this request alone if not given. */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** The client's own port: which of its sockets the answer came on. */
  readonly port: number | undefined;
}

/** A poll that is under way; broken off, it is never answered and rejects. */
export interface HeldPoll extends Promise<Answer> {
  readonly destroy: () => void;
}

export interface PollBody {
  readonly channels?: unknown;
  readonly last_message?: unknown;
}

export const request = ({
  url,
  path,
  method = 'POST',
  headers = {},
  body,
  agent,
  signal,
}: Request): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = startRequest({
      hostname,
      port,
      path,
      method,
      agent: agent ?? false,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([, value]) => value !== undefined),
      ),
      ...(signal === undefined ? {} : { signal }),
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const { statusCode: status = 0, headers, socket } = response;
      const { localPort: port } = socket;
      response
        .toArray()
        .then((chunks) => {
          const bytes = Buffer.concat(chunks);
          resolve({ status, headers, body: bytes.toString(), bytes, port });
        })
        .catch(reject);
    });
    sent.end(body);
  });

/** What every client of Tryton sends as the login of a user. */
export const session = (user: number | string, login = 'admin', key = 'key'): string =>
  `Session ${Buffer.from(`${login}:${user}:${key}`).toString('base64')}`;

export const databasePath = (database: string): string => `/${encodeURIComponent(database)}`;

/** A poll of user 1, unless its headers say otherwise. */
export const poll = (
  url: string,
  database: string,
  body: PollBody,
  headers: Headers = {},
  agent?: Agent,
): HeldPoll => {
  const abort = new AbortController();
  const answered = request({
    url,
    path: `${databasePath(database)}/bus`,
    headers: { 'Content-Type': 'application/json', Authorization: session(1), ...headers },
    body: JSON.stringify(body),
    signal: abort.signal,
    ...(agent === undefined ? {} : { agent }),
  });
  answered.catch(() => {});
  return Object.assign(answered, { destroy: () => abort.abort() });
};

/** The text of a request of user 1, for a socket that the test itself writes to. */
export const postText = (path: string, body: string, headers: Headers = {}): string => {
  const lines = Object.entries({
    Host: 'localhost',
    'Content-Type': 'application/json',
    Authorization: session(1),
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${path} HTTP/1.1`, ...lines, '', body].join('\r\n');
};

export const pollText = (database: string, body: PollBody, headers?: Headers): string =>
  postText(`${databasePath(database)}/bus`, JSON.stringify(body), headers);

/** A socket without any HTTP of its own: what it is given is sent, and what came is there to be read. */
export class RawConnection {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  received = '';
  #waiting: Array<() => void> = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    this.closed.catch(() => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Done when a text was received so many times. */
  async until(text: string, times = 1): Promise<void> {
    let from = 0;
    for (let found = 0; found < times; ) {
      const at = this.received.indexOf(text, from);
      if (at === -1) {
        from = Math.max(from, this.received.length - text.length + 1);
        await new Promise<void>((look) => this.#waiting.push(look));
      } else {
        from = at + text.length;
        found += 1;
      }
    }
  }
}
