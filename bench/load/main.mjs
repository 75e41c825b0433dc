/**
 * The load, in a process of its own: takes one job from its parent, does its work on the server that the job names, and tells the
 * figures, or what was wrong.
 */
import { jetbusAdapter } from './adapters/jetbus.mjs';
import { nchanAdapter } from './adapters/nchan.mjs';
import { trytondAdapter } from './adapters/trytond.mjs';
import { Subscribers } from './subscribers.mjs';
import { crowd } from './work/crowd.mjs';
import { direct } from './work/direct.mjs';
import { fanOut } from './work/fan-out.mjs';
import { herd } from './work/herd.mjs';
import { idle } from './work/idle.mjs';
import { publish } from './work/publish.mjs';
import { resume } from './work/resume.mjs';

const ADAPTERS = { jetbus: jetbusAdapter, nchan: nchanAdapter, trytond: trytondAdapter };
const WORK = { fanOut, direct, resume, idle, crowd, publish, herd };

process.once('message', async ({ job, target }) => {
  const adapter = ADAPTERS[target.adapter](target);
  const subscribers = new Subscribers(adapter, target.port);
  const publisher = adapter.publisher();
  const { pids } = target;
  const work = WORK[job.work];
  const figures = await work({ adapter, subscribers, publisher, target, pids, job });
  subscribers.close();
  process.send({ figures }, () => process.exit());
});
process.once('uncaughtException', (error) => {
  // Words for an answer that was wrong; for a defect of the bench also where it is.
  const words = error.constructor === Error ? error.message : error.stack;
  process.send({ error: words }, () => process.exit(1));
});
