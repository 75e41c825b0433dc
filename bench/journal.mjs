/**
 * What a journal costs a delivery: the CPU of one answer and the next poll in a hub, without HTTP, with a journal in a file
 * and without one, in alternated rounds.
 *
 *     node bench/journal.mjs [POLLS] [PUBLISHES]        2000 and 60 if none are given
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { trust } from '../dist/auth/trust.js';
import { startNode } from '../dist/hub/node.js';
import { fileJournal } from '../dist/journal/file-journal.js';
import { Recorder } from '../dist/journal/recorder.js';
import { JournalWriter } from '../dist/journal/writer.js';
import { memoryLog } from '../dist/library/logs.js';
import { silentLogger, systemClock, systemRandom } from '../dist/library/system.js';

const ROUNDS = 7;
const WARM = 5;
const [polls = 2000, publishes = 60] = process.argv.slice(2).map(Number);
const directory = await mkdtemp(join(tmpdir(), 'jetbus-bench-'));

const recorder = (log) =>
  new Recorder({
    writer: new JournalWriter({
      store: fileJournal(join(directory, 'journal.jsonl')),
      clock: systemClock,
      logger: silentLogger,
      run: 'bench',
    }),
    clock: systemClock,
    now: () => log.now(),
    version: 'bench',
    settings: { long_polling_timeout: 300, cache_timeout: 300, allow_subscribe: true },
    sample: 1,
  });

/** Microseconds of CPU for each delivery. */
const round = async (isRecorded) => {
  const log = memoryLog();
  const node = startNode({
    log,
    sessions: trust,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    settings: {
      longPollingTimeoutMs: 300_000,
      longPollingJitter: 0,
      cacheTimeoutMs: 300_000,
      allowSubscribe: true,
    },
    ...(isRecorded ? { journal: recorder(log) } : {}),
  });
  await turn();
  let deliveries = 0;
  let isOver = false;
  const open = (lastMessage) => {
    const poll = { channels: ['news'], lastMessage };
    const connection = node.hub.openTrusted('bench', poll, ({ _tag, entry, epoch }) => {
      if (_tag !== 'Entry') return;
      deliveries += 1;
      const id = { epoch, sequence: entry.sequence, check: entry.check };
      setImmediate(() => {
        node.hub.written(connection);
        // Over HTTP the next polls come in once the answers are written.
        setImmediate(() => {
          if (!isOver) open({ _tag: 'Id', id });
        });
      });
    });
  };
  for (let n = 0; n < polls; n += 1) open({ _tag: 'None' });
  const publish = async (n) => {
    await node.publisher.publish('bench', 'news', Buffer.from(`{"type":"news","n":${n}}`))();
    for (let turns = 0; turns < 4; turns += 1) await turn();
  };
  for (let n = 0; n < WARM; n += 1) await publish(n);
  const before = deliveries;
  const begin = process.cpuUsage();
  for (let n = 0; n < publishes; n += 1) await publish(n);
  await pause(300);
  const { user, system } = process.cpuUsage(begin);
  const each = (user + system) / (deliveries - before);
  isOver = true;
  await node.stop(0);
  return each;
};

const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? 0;

const [without, recorded] = [[], []];
await round(true);
await round(false);
for (let n = 0; n < ROUNDS; n += 1) {
  without.push(await round(false));
  recorded.push(await round(true));
}
await rm(directory, { recursive: true, force: true });
const [base, more] = [median(without), median(recorded)];
process.stdout.write(
  `without ${base.toFixed(1)} µs, with ${more.toFixed(1)} µs, the journal ${(more - base).toFixed(1)} µs for a delivery\n`,
);
