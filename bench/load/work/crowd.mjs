/**
 * Crowd: fan-out to as many as one process can hold, and the memory that each takes.
 */
import { memoryPerPoll } from '../memory.mjs';
import { measureFanOut, publishToAll } from './fan-out.mjs';

export const crowd = async ({ subscribers, publisher, pids, job }) => {
  const publish = publishToAll(subscribers, publisher);
  const memory = await memoryPerPoll(subscribers, publish, job.count, pids);
  return { ...memory, ...(await measureFanOut(publish, pids, job)) };
};
