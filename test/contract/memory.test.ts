import { memoryLog, memoryStore } from '../../src/log/memory.ts';
import { testClock } from '../support/clock.ts';
import { describeLog, HISTORY_MS } from './log.contract.ts';

describeLog('memory log', async () => {
  const clock = testClock();
  const store = memoryStore(clock, 'epoch', HISTORY_MS);
  const [writer, reader] = [memoryLog(store), memoryLog(store)];
  return {
    writer,
    reader,
    passHistory: async () => clock.advance(HISTORY_MS + 1),
    dispose: async () => {
      await writer.close();
      await reader.close();
    },
  };
});
