import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/library/system.ts';
import { fileLog, fileLogReader } from '../../src/log/file.ts';
import { DirectoryInUse } from '../../src/log/file-store.ts';
import { testClock } from '../support/clock.ts';
import { answer, appending } from '../support/logs.ts';
import { describeDurableLog, HISTORY_MS } from './log.contract.ts';

const newDirectory = () => mkdtemp(join(tmpdir(), 'jetbus-file-'));

describeDurableLog('file log', async () => {
  const directory = await newDirectory();
  const clock = testClock();
  const open = () => fileLog({ directory, clock, historyMs: HISTORY_MS });
  const writer = open();
  const reader = fileLogReader({ directory, clock: systemClock });
  return {
    writer,
    reader,
    reopen: async () => {
      await writer.close();
      return open();
    },
    passHistory: async () => {
      clock.advance(HISTORY_MS + 20_000);
      await expect.poll(async () => (await answer(writer.head)).first).toBe(2);
    },
    dispose: async () => {
      await reader.close();
      await writer.close();
      await rm(directory, { recursive: true });
    },
  };
});

describe('file log', () => {
  test('one process writes to a directory, and a second one is told so', async () => {
    const directory = await newDirectory();
    const open = () => fileLog({ directory, clock: systemClock, historyMs: HISTORY_MS });
    const log = open();
    expect(open).toThrow(DirectoryInUse);
    await log.close();
    await open().close();
    await rm(directory, { recursive: true });
  });

  test('its clock does not go back, though that of the machine does between two processes', async () => {
    const directory = await newDirectory();
    const open = (start: number) =>
      fileLog({ directory, clock: testClock(start), historyMs: HISTORY_MS });
    const [before, after] = [2_000_000_000_000, 1_900_000_000_000];
    const first = open(before);
    await answer(first.append(appending('db', 'c', { n: 1 })));
    await first.close();
    const second = open(after);
    expect(second.now()).toBe(before);
    const { sequence } = await answer(second.append(appending('db', 'c', { n: 2 })));
    expect(await answer(second.at(sequence))).toMatchObject({
      value: { right: { instant: before } },
    });
    await second.close();
    await rm(directory, { recursive: true });
  });

  test('a directory without a log cannot be read', async () => {
    const directory = await newDirectory();
    expect(() => fileLogReader({ directory, clock: systemClock })).toThrow();
    await rm(directory, { recursive: true });
  });
});
