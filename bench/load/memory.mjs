/**
 * The memory that a held poll takes: how much more is resident with all polls than with a quarter of them, so that what a server
 * takes to run at all, or to run warm, does not count. Servers of Node are told to collect their garbage before each look.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf, treeOf } from '../processes.mjs';
import { CHANNEL } from './work/fan-out.mjs';

const SETTLE_MS = 700;
/** Less than that is no change. */
const SMALL_BYTES = 256 * 1024;
const MAX_LOOKS = 8;
/** Messages to everybody before memory is looked at: the polls that are held then are no client's first. */
const MESSAGES = 3;

export const memoryPerPoll = async (subscribers, publish, count, pids) => {
  const quarter = Math.ceil(count / 4);
  const few = await heldBy(subscribers, publish, quarter, pids);
  const all = await heldBy(subscribers, publish, count, pids);
  const each = (what) => (all[what] - few[what]) / (count - quarter);
  return {
    memory: each('collected') / 1024,
    uncollectedMemory: each('resident') / 1024,
    wholeMemory: all.resident / 1024 / 1024,
  };
};

const heldBy = async (subscribers, publish, count, pids) => {
  await subscribers.open(count, () => CHANNEL);
  for (let n = 0; n < MESSAGES; n += 1) await publish();
  return settled(pids);
};

/** Memory as it is, and when collecting garbage makes it no smaller any more. */
const settled = async ({ server, collects }) => {
  await pause(SETTLE_MS);
  const resident = memoryOf(server);
  let collected = resident;
  for (let looks = 0; collects && looks < MAX_LOOKS; looks += 1) {
    for (const { pid } of server.flatMap(treeOf)) process.kill(pid, 'SIGUSR2');
    await pause(SETTLE_MS);
    const now = memoryOf(server);
    if (looks > 0 && collected - now < SMALL_BYTES) break;
    collected = now;
  }
  return { resident, collected };
};
