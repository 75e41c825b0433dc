/**
 * Fan-out: all clients hold a poll of one channel, and each publish answers them all. The next publish is when the server holds
 * the next poll of each again.
 */

import { countCpu } from '../../processes.mjs';
import { cpuEach, Times } from '../figures.mjs';

export const CHANNEL = 'news';

export const fanOut = async ({ subscribers, publisher, pids, job }) => {
  await subscribers.open(job.count, () => CHANNEL);
  return measureFanOut(publishToAll(subscribers, publisher), pids, job);
};

/** The figures of so many publishes to all, after some that are not counted. */
export const measureFanOut = async (publish, pids, { count, warm, publishes }) => {
  for (let n = 0; n < warm; n += 1) await publish();
  const times = new Times();
  const used = countCpu(pids);
  const begin = performance.now();
  for (let n = 0; n < publishes; n += 1) await publish(times);
  const seconds = (performance.now() - begin) / 1000;
  const deliveries = publishes * count;
  return {
    ...cpuEach(used(), deliveries),
    ...times.figures(),
    perSecond: deliveries / seconds,
  };
};

/** Publishes the next message each time, and is done when everybody has it and polls again. */
export const publishToAll = (subscribers, publisher) => {
  let published = 0;
  return async (times) => {
    published += 1;
    let acknowledged;
    await subscribers.receive(subscribers.all.length, () => {
      const begin = performance.now();
      subscribers.onMessage((_, at) => times?.add(at - begin));
      acknowledged = publisher.publish(CHANNEL, published);
    });
    const id = await acknowledged;
    if (id !== undefined && subscribers.all.some(({ last }) => last !== id)) {
      throw new Error(`a client was given another id than ${id}, which its publisher has`);
    }
    await subscribers.untilHeld();
  };
};
