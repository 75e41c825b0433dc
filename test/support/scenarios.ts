/**
 * What the histories of `test/histories` keep, played on real hubs with a clock that the test moves: so that each can be
 * recorded again when the records change on purpose.
 */
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  type Held,
  pollOf,
  settle,
  slowPollOf,
} from './bus-fixture.ts';
import { exported } from './journal.ts';
import { answer } from './logs.ts';

const HISTORY_MS = 60_000;

type Scenario = (bus: BusFixture) => Promise<void>;

/** A client at its node goes on at another one, with the id that the first named. */
const reconnectBetweenTwoNodes: Scenario = async (bus) => {
  const other = await bus.another();
  const first = await pollOf(bus.node, ['c']);
  const id = await bus.publish('c', { n: 1 });
  expectAnswers(first, 1);
  await bus.publish('d', { n: 2 });
  const second = await pollOf(other, ['c'], id);
  const next = await bus.publish('c', { n: 3 });
  expectAnswers(second, 1);
  const third = await pollOf(bus.node, ['c', 'd'], next);
  await bus.publish('d', { n: 4 });
  expectAnswers(third, 1);
};

/** A node that stops ends what it holds, spread over time, and the clients miss nothing. */
const drain: Scenario = async (bus) => {
  const other = await bus.another();
  const id = await bus.publish('c', { n: 1 });
  const held = [await pollOf(bus.node, ['c'], id), await pollOf(bus.node, ['d'], id)];
  const stopped = bus.node.stop(2000);
  bus.clock.advance(500);
  await settle();
  held.push(await pollOf(bus.node, ['c'], id));
  bus.clock.advance(2500);
  await settle();
  await stopped;
  for (const each of held) expectAnswers(each, 1);
  const after = await pollOf(other, ['c', 'd'], id);
  await answer(other.publisher.publish('db', 'c', Buffer.from('{"n":2}')));
  await settle();
  expectAnswers(after, 1);
};

/** A client comes back after more than the log keeps. */
const truncatedResume: Scenario = async (bus) => {
  const id = await bus.publish('c', { n: 1 });
  await bus.publish('c', { n: 2 });
  await bus.publish('d', { n: 3 });
  bus.clock.advance(HISTORY_MS + 1000);
  await bus.publish('c', { n: 4 });
  await settle();
  expectAnswers(await pollOf(bus.node, ['c'], id), 1);
};

/** A client bears an id that trytond's own bus gave it. */
const foreignId: Scenario = async (bus) => {
  await bus.publish('c', { n: 1 });
  bus.clock.advance(CACHE_TIMEOUT_MS + 1000);
  await bus.publish('c', { n: 2 });
  expectAnswers(await pollOf(bus.node, ['c'], '3b9f8c1e-7d55-4f0a-9a57-0c1d2e3f4a5b'), 1);
};

/** A client hangs up before its answer is written, and gets the message with its next poll. */
const hangUpDuringTheAnswer: Scenario = async (bus) => {
  const id = await bus.publish('c', { n: 1 });
  const held = await slowPollOf(bus.node, ['c'], id);
  await bus.publish('c', { n: 2 });
  bus.clock.advance(20);
  held.hangUp();
  expectAnswers(held, 1);
  bus.clock.advance(1000);
  expectAnswers(await pollOf(bus.node, ['c'], id), 1);
};

/** The log loses its end: whoever waits finds its place anew. */
const logThatLostItsEnd: Scenario = async (bus) => {
  const id = await bus.publish('c', { n: 1 });
  const held = await pollOf(bus.node, ['c'], id);
  bus.rewind();
  await settle();
  await bus.publish('c', { n: 2 });
  expectAnswers(held, 1);
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'reconnect-between-two-nodes': reconnectBetweenTwoNodes,
  drain,
  'truncated-resume': truncatedResume,
  'foreign-id': foreignId,
  'hang-up-during-the-answer': hangUpDuringTheAnswer,
  'log-that-lost-its-end': logThatLostItsEnd,
};

/** Plays a scenario, and answers with its history. */
export const playHistory = async (scenario: Scenario): Promise<string> => {
  const bus = await busFixture({ isRecorded: true, historyMs: HISTORY_MS });
  await scenario(bus);
  bus.clock.advance(1000);
  await settle();
  const recording = { texts: bus.journal.lines, log: bus.reader };
  const lines = await exported(recording, { version: '0.1.0' });
  return lines.map((line) => `${line}\n`).join('');
};

const expectAnswers = ({ answers }: Pick<Held, 'answers'>, count: number): void => {
  if (answers.length !== count) throw new Error(`${answers.length} answers, not ${count}`);
};
