/**
 * Herd: a node is killed while it holds polls, a message is published at that very moment, and all its clients come to the other
 * node at once, each with its last id. How long it takes until all have the message and are held again, and what it costs.
 */

import { countCpu } from '../../processes.mjs';
import { cpuEach } from '../figures.mjs';
import { CHANNEL, publishToAll } from './fan-out.mjs';

const MESSAGES = 3;

export const herd = async ({ adapter, subscribers, target, pids, job }) => {
  const [, other] = target.ports;
  const [killed, survivor] = pids.server;
  const publisher = adapter.publisher(other);
  await subscribers.open(job.count, () => CHANNEL);
  const publish = publishToAll(subscribers, publisher);
  if (!target.forgets) for (let n = 0; n < MESSAGES; n += 1) await publish();

  subscribers.moveControlTo(other);
  subscribers.onBroken((subscriber) => {
    subscriber.socket.moveTo(other);
    subscriber.poll();
  });
  const used = countCpu({ server: [survivor], store: pids.store });
  const begin = performance.now();
  process.kill(killed, 'SIGKILL');
  if (target.forgets) await subscribers.untilHeld();
  else await publish();
  const seconds = (performance.now() - begin) / 1000;
  const cpu = cpuEach(used(), job.count);
  if (!target.forgets) await publish();
  return { seconds, ...cpu };
};
