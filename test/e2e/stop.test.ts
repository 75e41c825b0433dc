import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileLog, fileLogReader } from '../../src/library/logs.ts';
import { type Answer, request } from '../support/http.ts';
import { answer } from '../support/logs.ts';
import { serve } from '../support/serving.ts';

test('a node that is told to stop answers every publish that its log has kept', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-stop-'));
  const bus = await serve({ log: fileLog(directory) });
  const agent = new Agent({ keepAlive: true });
  const publish = (n: number) =>
    request({
      url: bus.url,
      path: '/db/bus/publish',
      agent,
      headers: { 'Content-Type': 'application/json' },
      body: `{"channel":"c","message":{"n":${n}}}`,
    }).catch((): Pick<Answer, 'status'> => ({ status: 0 }));
  const publishers = Array.from({ length: 50 }, async (_, publisher) => {
    let acknowledged = 0;
    for (let n = 0; (await publish(publisher * 1000 + n)).status === 201; n += 1) acknowledged += 1;
    return acknowledged;
  });
  await Promise.race(publishers.map((_, n) => publish(n)));
  const before = await answer(bus.node.publisher.publish('db', 'd', Buffer.from('{}')));
  expect(before.messageId).toBeDefined();
  await bus.close(0);
  agent.destroy();
  const acknowledged = (await Promise.all(publishers)).reduce((sum, each) => sum + each, 0);
  const reader = fileLogReader(directory);
  const { last } = await answer(reader.head);
  await reader.close();
  await rm(directory, { recursive: true });
  // Those who began, one for each publisher in the race, and the one in this process.
  expect(last).toBeLessThanOrEqual(acknowledged + publishers.length + 1);
  expect(last).toBeGreaterThanOrEqual(acknowledged + 2);
});
