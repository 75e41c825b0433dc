/**
 * Direct: each client holds a poll of a channel of its own, and each publish answers one. Several publishers publish at once, each
 * to clients of its own, and each its next message when the last one was acknowledged and received.
 */

import { countCpu } from '../../processes.mjs';
import { cpuEach, Times } from '../figures.mjs';

export const direct = async ({ adapter, subscribers, pids, job }) => {
  const { count, warm, publishes, publishers } = job;
  await subscribers.open(count, (number) => `client:${number}`);
  const receivers = new Map();
  subscribers.onMessage((subscriber, at) => receivers.get(subscriber)(at));
  const teams = Array.from({ length: publishers }, (_, n) => ({
    publisher: adapter.publisher(),
    clients: subscribers.all.filter(({ number }) => number % publishers === n),
    turn: 0,
  }));
  const publishOne = async (team, times) => {
    const subscriber = team.clients[team.turn % team.clients.length];
    team.turn += 1;
    const begin = performance.now();
    const received = new Promise((resolve) => receivers.set(subscriber, resolve));
    const id = await team.publisher.publish(subscriber.channel, subscriber.received + 1);
    times.add((await received) - begin);
    if (id !== undefined && subscriber.last !== id) {
      throw new Error(`a client was given the id ${subscriber.last}, and its publisher ${id}`);
    }
  };
  const publishMany = (total) => {
    const each = Math.ceil(total / publishers);
    const times = new Times();
    const work = async (team) => {
      for (let n = 0; n < each; n += 1) await publishOne(team, times);
    };
    const all = () => Promise.all(teams.map(work));
    return subscribers
      .receive(each * publishers, all)
      .then(() => ({ times, deliveries: each * publishers }));
  };

  await publishMany(warm);
  await subscribers.untilHeld();
  const used = countCpu(pids);
  const begin = performance.now();
  const { times, deliveries } = await publishMany(publishes);
  const seconds = (performance.now() - begin) / 1000;
  const cpu = cpuEach(used(), deliveries);
  await subscribers.untilHeld();
  for (const { publisher } of teams) publisher.close();
  return { ...cpu, ...times.figures(), perSecond: deliveries / seconds };
};
