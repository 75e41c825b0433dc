import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/library/system.ts';
import { fileLog, fileLogReader } from '../../src/log/file.ts';
import { DirectoryInUse } from '../../src/log/file-store.ts';
import { testClock } from '../support/clock.ts';
import { answer } from '../support/logs.ts';
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

  test('a directory without a log cannot be read', async () => {
    const directory = await newDirectory();
    expect(() => fileLogReader({ directory, clock: systemClock })).toThrow();
    await rm(directory, { recursive: true });
  });
});
