import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { jetstreamLog } from '../../src/jetstream.ts';
import { fileLog, memoryLog } from '../../src/library/logs.ts';
import type { Log } from '../../src/log/log.ts';
import { answer } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';
import { type ServingSettings, serve } from '../support/serving.ts';
import { describeProtocol } from './protocol.ts';
import type { StartedBus } from './protocol-fixture.ts';

const startOn = async (
  log: Log,
  settings: ServingSettings,
  dispose: () => Promise<unknown> = async () => {},
): Promise<StartedBus> => {
  const { url, node, close } = await serve({ log, ...settings });
  return {
    url,
    publish: async (database, channel, message) => {
      const publishing = node.publisher.publish(database, channel, Buffer.from(message));
      return (await answer(publishing)).messageId;
    },
    held: () => node.hub.held,
    close: async () => {
      await close();
      await dispose();
    },
  };
};

describeProtocol('a memory log', (settings) => startOn(memoryLog(), settings));

describeProtocol('a file log', async (settings) => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-protocol-'));
  return startOn(fileLog(directory), settings, () => rm(directory, { recursive: true }));
});

let server: NatsServer;
let streams = 0;

beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server.dispose());

describeProtocol('a JetStream log', (settings) => {
  streams += 1;
  const log = jetstreamLog({
    servers: [server.url.replace('nats://', '')],
    stream: `PROTOCOL${streams}`,
    subjectPrefix: `protocol${streams}`,
  });
  return startOn(log, settings);
});
