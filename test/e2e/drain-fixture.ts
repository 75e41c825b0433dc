/**
 * A node that is to be stopped, and clients that it must not lose: each poll's share of the drain is the test's to say.
 */
import { Agent } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { E } from '../../src/fp.ts';
import { memoryLog } from '../../src/library/logs.ts';
import { type Answer, RawConnection } from '../support/http.ts';
import { type Serving, type ServingSettings, serve } from '../support/serving.ts';

export const DRAIN_MS = 1000;
/** The share of a poll that keeps a drain going to its end. */
export const LAST = 0.95;
export const EMPTY = '{"message":null,"channel":null}';

/** A node whose polls are given these shares of the drain, in turn. */
export const start = async (
  shares: ReadonlyArray<number>,
  settings: ServingSettings = {},
): Promise<Serving> => {
  let turn = 0;
  let bus: Serving | undefined;
  const random = () => {
    if (bus?.node.hub.isDraining !== true) return 0;
    turn += 1;
    return shares[(turn - 1) % shares.length] ?? 0;
  };
  bus = await serve({ log: memoryLog(), random, ...settings });
  return bus;
};

/** The share of a poll that comes during a drain: before it, it draws how much shorter it is held. */
export const arriving = (share: number): ReadonlyArray<number> => [0, share];

export const keptAlive = (): Agent => {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return agent;
};

export const connect = async (url: string): Promise<RawConnection> => {
  const raw = await RawConnection.open(url);
  onTestFinished(() => raw.destroy());
  return raw;
};

export const holds = ({ node }: Serving, polls: number) =>
  expect.poll(() => node.hub.held, { interval: 2, timeout: 5000 }).toBe(polls);

export const publish = async (
  { node }: Serving,
  channel: string,
  message = '{}',
): Promise<string> => {
  const published = await node.publisher.publish('db', channel, Buffer.from(message))();
  if (E.isLeft(published)) throw new Error(published.left._tag);
  return published.right.messageId;
};

/** Sends the head of a request, so that a server that closes waits for the rest: `send` gives it. */
export const begin = async (raw: RawConnection, text: string): Promise<() => void> => {
  const bodyAt = text.indexOf('\r\n\r\n') + 4;
  raw.write(`${text.slice(0, bodyAt - 2)}Expect: 100-continue\r\n\r\n`);
  await raw.until('100 Continue');
  return () => raw.write(text.slice(bodyAt));
};

export const stopwatch = (): (() => number) => {
  const began = performance.now();
  return () => performance.now() - began;
};

export const expectLastAndEmpty = ({ status, body, headers }: Answer): void => {
  expect(status).toBe(200);
  expect(body).toBe(EMPTY);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': '31',
    connection: 'close',
    'bus-resume': 'start',
  });
};
