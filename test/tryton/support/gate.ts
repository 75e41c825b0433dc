/**
 * A proxy before trytond or Jetbus that knows what it was asked, and can keep questions to itself for a while, or lose answers.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { request } from '../../support/http.ts';

export class Gate {
  /** The Authorization headers of what was asked, in order. */
  readonly asked: Array<string> = [];
  readonly url: string;
  readonly #upstream: string;
  #held: Array<() => void> | undefined;
  #toLose = 0;
  #looks: Array<() => void> = [];

  private constructor(url: string, upstream: string) {
    this.url = url;
    this.#upstream = upstream;
  }

  /** Before the server of a URL, on any address unless one is given, until the test ends. */
  static async before(upstream: string, address = '127.0.0.1:0'): Promise<Gate> {
    const [host, port] = address.split(':');
    const server = createServer().listen(Number(port), host);
    await once(server, 'listening');
    const gate = new Gate(`http://${host}:${(server.address() as AddressInfo).port}`, upstream);
    server.on('request', (incoming, response) => {
      gate.#pass(incoming, response).catch(() => response.destroy());
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return gate;
  }

  /** Passes nothing on from now. */
  hold(): void {
    this.#held = [];
  }

  /** Passes on what was held, and everything from now. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  /** Passes on the next so many questions, and none of their answers. */
  lose(answers: number): void {
    this.#toLose = answers;
  }

  /** How often one header was presented. */
  timesAsked(authorization: string): number {
    return this.asked.filter((each) => each === authorization).length;
  }

  /** Done when one header was presented so often. */
  async untilAsked(authorization: string, times: number): Promise<void> {
    while (this.timesAsked(authorization) < times) {
      await new Promise<void>((look) => this.#looks.push(look));
    }
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', method = '', headers } = incoming;
    const body = Buffer.concat(await incoming.toArray());
    this.asked.push(headers.authorization ?? '');
    for (const look of this.#looks.splice(0)) look();
    if (this.#held !== undefined) await new Promise<void>((go) => this.#held?.push(go));
    const sent = Object.entries({ ...headers, connection: 'close' });
    const answer = await request({
      url: this.#upstream,
      path,
      method,
      headers: Object.fromEntries(sent.map(([name, value]) => [name, String(value)])),
      body,
    });
    this.#toLose -= 1;
    if (this.#toLose >= 0) response.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.bytes);
  }
}
