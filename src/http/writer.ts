/**
 * Writes the responses of the bus: whole where the connection goes on as usual, and else as Node does it.
 *
 * Whole is head and body in one buffer, made once for all whom an entry answers at once. Node checks and encodes each head anew,
 * and hands head and body to the system apart: that costs more than all the rest of a delivery (docs/decisions/0011-speed.md).
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../ports.ts';
import type { HttpResponse } from './respond.ts';

interface WriterOptions {
  readonly clock: Clock;
  /** How long Node keeps a connection on which nothing is asked. */
  readonly keepAliveMs: number;
  /** Whether a connection ends with its next response. */
  readonly isLast: () => boolean;
}

/** Headers beside a response's own. */
type Headers = Readonly<Record<string, unknown>> | undefined;

/** What was put to a reply before: only for the browsers of another origin is there any. */
export const moreOf = (reply: FastifyReply): Headers =>
  reply.request.raw.headers.origin === undefined ? undefined : reply.getHeaders();

export class Writer {
  readonly #clock: Clock;
  readonly #isLast: () => boolean;
  readonly #goesOn: string;
  #dated = { second: Number.NaN, text: '' };
  /** What was written whole last, and in which second: its Date is told. */
  #last:
    | { readonly response: HttpResponse; readonly second: number; readonly bytes: Uint8Array }
    | undefined;

  constructor({ clock, keepAliveMs, isLast }: WriterOptions) {
    this.#clock = clock;
    this.#isLast = isLast;
    const seconds = Math.floor(keepAliveMs / 1000);
    this.#goesOn = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
  }

  /**
   * Writes a response, with `more` headers if there are any. `written` is called once the system has it all; a connection that broke
   * before may call it too. It needs no more than Node's own response: what a framework made of a request need not be held.
   */
  write(raw: ServerResponse, response: HttpResponse, more: Headers, written = nothing): void {
    const isLast = this.#isLast();
    // Without a socket it is not its turn yet: another response of the connection is.
    if (more === undefined && !isLast && raw.shouldKeepAlive && raw.socket !== null) {
      raw.socket.write(this.#wholeOf(response), (error) => {
        if (error) return;
        written();
        // Node's own word, on which it takes the connection's next request.
        raw.emit('finish');
      });
    } else {
      // First among the listeners, for Node's own may end the socket.
      raw.prependListener('finish', written);
      raw.writeHead(response.status, linesOf(response, more ?? {}, isLast));
      raw.end(response.body);
    }
  }

  #wholeOf(response: HttpResponse): Uint8Array {
    const second = Math.floor(this.#clock.now() / 1000);
    if (this.#last?.second !== second || !isSame(this.#last.response, response)) {
      this.#last = { response, second, bytes: this.#encode(response, second) };
    }
    return this.#last.bytes;
  }

  #encode(response: HttpResponse, second: number): Uint8Array {
    const { status, body } = response;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    const lines = linesOf(response, {}, false);
    for (let n = 0; n < lines.length; n += 2) head += `${lines[n]}: ${lines[n + 1]}\r\n`;
    head += this.#endOfHead(second);
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    bytes.set(body, head.length);
    return bytes;
  }

  /** What all heads of one second end with. */
  #endOfHead(second: number): string {
    if (this.#dated.second !== second) {
      const date = new Date(second * 1000).toUTCString();
      this.#dated = { second, text: `Date: ${date}\r\n${this.#goesOn}` };
    }
    return this.#dated.text;
  }
}

const nothing = () => {};

const isSame = (a: HttpResponse, b: HttpResponse): boolean =>
  a.body === b.body && a.headers === b.headers && a.status === b.status;

/** Neither kept nor collected on the way. */
const ALWAYS = ['Cache-Control', 'no-store', 'X-Accel-Buffering', 'no'];

/** Names and values by turns. */
const linesOf = (
  { headers, body }: HttpResponse,
  more: Readonly<Record<string, unknown>>,
  isLast: boolean,
): Array<string> => {
  const lines = ['Content-Length', String(body.length), ...ALWAYS];
  if (body.length > 0) lines.push('Content-Type', 'application/json');
  for (const name in headers) lines.push(name, headers[name] as string);
  for (const name in more) lines.push(name, String(more[name]));
  if (isLast) lines.push('Connection', 'close');
  return lines;
};
