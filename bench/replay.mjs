/**
 * What replaying a long history takes: records a second, and the memory at its peak, for histories of several lengths.
 *
 *     node bench/replay.mjs [ENTRIES …]        1000 100000 1000000 if none are given
 *
 * Each history is recorded by a node on the embedded log: clients that poll, one message each, and a journal of it.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trust } from '../dist/auth/trust.js';
import { startNode } from '../dist/hub/node.js';
import { logJournal } from '../dist/journal/log-journal.js';
import { Recorder } from '../dist/journal/recorder.js';
import { JournalWriter } from '../dist/journal/writer.js';
import { fileLog } from '../dist/library/logs.js';
import { silentLogger, systemClock, systemRandom } from '../dist/library/system.js';

const CHANNELS = 100;
const BATCH = 200;
const DAY_MS = 86_400_000;
const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;

/** Records `entries` messages and the polls that they answer, in a directory. */
const record = async (directory, entries) => {
  const log = fileLog(directory, { historyMs: DAY_MS });
  const store = logJournal(fileLog(join(directory, 'journal'), { historyMs: DAY_MS }));
  const settings = { long_polling_timeout: 300, cache_timeout: 1, allow_subscribe: true };
  const writer = new JournalWriter({
    store,
    clock: systemClock,
    logger: silentLogger,
    run: 'bench',
  });
  const journal = new Recorder({
    writer,
    clock: systemClock,
    now: () => log.now(),
    version: 'bench',
    settings,
    sample: 1,
  });
  const node = startNode({
    log,
    journal,
    sessions: trust,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    settings: {
      longPollingTimeoutMs: 300_000,
      longPollingJitter: 0,
      cacheTimeoutMs: 1000,
      allowSubscribe: true,
    },
  });
  const clients = Array.from({ length: CHANNELS }, (_, user) => client(node.hub, user));
  const bytes = Buffer.from(JSON.stringify({ type: 'notification', title: 'x'.repeat(100) }));
  for (let first = 0; first < entries; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, entries - first) }, (_, n) =>
      node.publisher.publish('bench', `user:${(first + n) % CHANNELS}`, bytes)(),
    );
    await Promise.all(batch);
  }
  const each = Math.floor(entries / CHANNELS);
  await Promise.all(clients.map(({ received }) => received(each)));
  await node.stop(0);
};

/** A client that polls on and on, and says when it has received so many messages. */
const client = (hub, user) => {
  const authorization = `Session ${Buffer.from(`bench:${user}:key`).toString('base64')}`;
  let last = null;
  let count = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let done = () => {};
  const poll = () => {
    const body = Buffer.from(JSON.stringify({ channels: [], last_message: last }));
    const connection = hub.open({ database: 'bench', authorization, body }, (answer) => {
      setImmediate(() => {
        hub.written(connection);
        if (answer._tag !== 'Entry') return;
        last = JSON.parse(Buffer.from(answer.body).toString()).message.message_id;
        count += 1;
        if (count >= wanted) done();
        poll();
      });
    });
  };
  poll();
  return {
    received: (messages) =>
      new Promise((resolve) => {
        wanted = messages;
        done = resolve;
        if (count >= wanted) resolve();
      }),
  };
};

/** Verifies a history, and watches the memory of the process that does. */
const verify = async (directory) => {
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [MAIN, 'replay', '--verify', '--log', `file:${directory}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  let peak = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 20);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`verify ended with ${code}:\n${output}`);
  const records = Number(/(\d+) records/.exec(output)?.[1]);
  return { seconds: (performance.now() - begin) / 1000, records, peakMB: peak / 1024 };
};

const lengths = process.argv.slice(2).map(Number);
process.stdout.write('   entries    records  seconds  records/s  memory\n');
for (const entries of lengths.length > 0 ? lengths : [1000, 100_000, 1_000_000]) {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-bench-'));
  try {
    await record(directory, entries);
    const { seconds, records, peakMB } = await verify(directory);
    const cells = [
      String(entries).padStart(10),
      String(records).padStart(10),
      seconds.toFixed(1).padStart(8),
      String(Math.round(records / seconds)).padStart(10),
      `${Math.round(peakMB)} MB`.padStart(7),
    ];
    process.stdout.write(`${cells.join(' ')}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
