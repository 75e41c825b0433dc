import { afterAll, beforeAll, expect } from 'vitest';
import { silentLogger, systemClock, systemNewId } from '../../src/library/system.ts';
import { jetstreamLog } from '../../src/log/jetstream.ts';
import { answer, Recorder } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';
import { type DurableFixture, describeDurableLog, HISTORY_MS } from './log.contract.ts';

let server: NatsServer;
let streams = 0;

beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server.dispose());

const open = async (isFollowed: boolean): Promise<DurableFixture> => {
  streams += 1;
  const settings = {
    servers: [server.url.replace('nats://', '')],
    stream: `CONTRACT${streams}`,
    subjectPrefix: `contract${streams}`,
    historyMs: HISTORY_MS,
    replicas: 1,
    create: true,
    clock: systemClock,
    newId: systemNewId,
    logger: silentLogger,
  };
  const writer = jetstreamLog(settings);
  const reader = jetstreamLog(settings);
  const { epoch } = await answer(writer.head);
  await answer(reader.head);
  if (isFollowed) {
    const recorder = new Recorder();
    writer.follow(epoch, 0, recorder);
    await recorder.told('caughtUp');
  }
  return {
    writer,
    reader,
    reopen: async () => {
      await writer.close();
      return jetstreamLog(settings);
    },
    passHistory: async () => {
      const isGone = async () => (await answer(writer.head)).first;
      await expect.poll(isGone, { timeout: 3 * HISTORY_MS }).toBe(2);
    },
    dispose: async () => {
      await writer.close();
      await reader.close();
    },
  };
};

describeDurableLog('JetStream log', () => open(false));
// As a node has it: its own tail acknowledges.
describeDurableLog('JetStream log that its writer follows', () => open(true));
