/**
 * What the conformance suite is run on: a bus at a URL, and a database of its own for each test.
 */
import type { Agent } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import {
  type Answer,
  databasePath,
  type Headers,
  type HeldPoll,
  type PollBody,
  poll,
  type Request,
  request,
  session,
} from '../support/http.ts';
import type { ServingSettings } from '../support/serving.ts';

export interface StartedBus {
  readonly url: string;
  /** Publishes the text of a message, and answers with its id. */
  readonly publish: (database: string, channel: string, message: string) => Promise<string>;
  /** Polls held now. */
  readonly held: () => number;
  readonly close: () => Promise<void>;
}

/** Starts a bus on a log of its own. */
export type StartBus = (settings: ServingSettings) => Promise<StartedBus>;

export interface Delivery {
  readonly message: { readonly message_id: string; readonly [member: string]: unknown };
  readonly channel: string;
}

export const EMPTY = '{"message":null,"channel":null}';
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The bus of a group of tests. */
export class Bus {
  /** The present test's own. */
  database = '';
  #started: StartedBus | undefined;

  get started(): StartedBus {
    if (this.#started === undefined) throw new Error('the bus is not started');
    return this.#started;
  }

  set started(started: StartedBus) {
    this.#started = started;
  }

  get url(): string {
    return this.started.url;
  }

  publish(channel: string, message: string, database = this.database): Promise<string> {
    return this.started.publish(database, channel, message);
  }

  poll(body: PollBody, headers?: Headers, agent?: Agent): HeldPoll {
    return poll(this.url, this.database, body, headers, agent);
  }

  /** Posts anything to a route of the database. */
  post(
    route: 'bus' | 'bus/publish' | 'bus/notify',
    body: string | Uint8Array,
    headers: Headers = {},
  ): Promise<Answer> {
    return this.request({
      path: `${databasePath(this.database)}/${route}`,
      headers: { ...JSON_TYPE, Authorization: session(1), ...headers },
      body,
    });
  }

  request(rest: Omit<Request, 'url'>): Promise<Answer> {
    return request({ url: this.url, ...rest });
  }

  /** Done when so many polls are held. */
  async holds(polls: number): Promise<void> {
    await expect.poll(() => this.started.held(), { interval: 2, timeout: 5000 }).toBe(polls);
  }

  /** What a client sees that polls so many times, each time after the last message it has seen. */
  async walk(
    channels: ReadonlyArray<string>,
    polls: number,
    last: string | null = null,
  ): Promise<ReadonlyArray<Delivery>> {
    const seen: Array<Delivery> = [];
    let last_message = last;
    while (seen.length < polls) {
      const answer = await this.poll({ channels, last_message });
      seen.push(deliveryOf(answer));
      last_message = idOf(answer);
    }
    return seen;
  }
}

/** A bus for the tests of a group; after each of them it holds nothing. */
export const useBus = (start: StartBus, settings: ServingSettings = {}): Bus => {
  const bus = new Bus();
  let tests = 0;
  beforeAll(async () => {
    bus.started = await start(settings);
  });
  beforeEach(() => {
    tests += 1;
    bus.database = `database ${tests}`;
  });
  afterEach(() => vi.waitFor(() => expect(bus.started.held()).toBe(0), { interval: 2 }));
  afterAll(() => bus.started.close());
  return bus;
};

export const deliveryOf = ({ body }: Answer): Delivery => JSON.parse(body);

export const idOf = (answer: Answer): string => deliveryOf(answer).message.message_id;

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** The error that an answer tells, which has this status and this form and no other. */
export const refusalOf = (answer: Answer, status: number): Refusal => {
  expect(answer.status, answer.body).toBe(status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(answer.bytes.length),
  });
  const { error, ...rest } = JSON.parse(answer.body);
  expect(rest).toEqual({});
  expect(error).toEqual({
    code: expect.any(String),
    message: expect.stringMatching(/./),
    path: expect.any(String),
  });
  return error;
};
