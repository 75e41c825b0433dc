/**
 * Publish: acknowledged messages a second while nobody listens, one after the other and many at once.
 */

import { countCpu } from '../../processes.mjs';
import { cpuEach, Times } from '../figures.mjs';

const MANY = 64;

export const publish = async ({ adapter, pids, job }) => {
  const { warm, publishes } = job;
  const ids = new Set();
  const at = (publishers, count) => publishBy(adapter, publishers, count, ids);
  await at(MANY, warm);
  const alone = await measure(pids, publishes / 4, (count) => at(1, count));
  const many = await measure(pids, publishes, (count) => at(MANY, count));
  const { serverCpu, storeCpu } = many.cpu;
  return {
    perSecondAlone: alone.perSecond,
    p50Alone: alone.p50,
    perSecond: many.perSecond,
    p50: many.p50,
    p99: many.p99,
    cpu: many.cpu.cpu,
    serverCpu,
    storeCpu,
  };
};

const measure = async (pids, count, work) => {
  const used = countCpu(pids);
  const begin = performance.now();
  const times = await work(count);
  const seconds = (performance.now() - begin) / 1000;
  return { perSecond: count / seconds, cpu: cpuEach(used(), count), ...times.figures() };
};

/** Publishes so many messages by so many publishers at once; each id has to be a new one. */
const publishBy = async (adapter, publishers, count, ids) => {
  const times = new Times();
  let left = count;
  const work = async (_, number) => {
    const publisher = adapter.publisher();
    for (let n = 1; left > 0; n += 1) {
      left -= 1;
      const begin = performance.now();
      const id = await publisher.publish(`publish:${number}`, n);
      times.add(performance.now() - begin);
      if (id === undefined) continue;
      if (ids.has(id)) throw new Error(`two messages were given the id ${id}`);
      ids.add(id);
    }
    publisher.close();
  };
  await Promise.all(Array.from({ length: publishers }, work));
  return times;
};
