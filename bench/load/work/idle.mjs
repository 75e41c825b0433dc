/**
 * Idle: the CPU that a server uses while nothing happens, before it holds a poll and while it holds many; and the memory that
 * each held poll takes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { countCpu } from '../../processes.mjs';
import { memoryPerPoll } from '../memory.mjs';
import { publishToAll } from './fan-out.mjs';

export const idle = async ({ subscribers, publisher, pids, job }) => {
  const { count, settleSeconds, emptySeconds, holdingSeconds } = job;
  await pause(settleSeconds * 1000); // V8 tidies up after the start.
  const empty = await shareOfCore(pids, emptySeconds);
  const publish = publishToAll(subscribers, publisher);
  const memory = await memoryPerPoll(subscribers, publish, count, pids);
  const holding = await shareOfCore(pids, holdingSeconds);
  await publish();
  return { ...memory, idleCpu: empty, holdingCpu: holding };
};

/** The share of a core that the server itself uses within some seconds. */
const shareOfCore = async (pids, seconds) => {
  const used = countCpu(pids);
  const begin = performance.now();
  await pause(seconds * 1000);
  return used().server.total / 1000 / (performance.now() - begin);
};
