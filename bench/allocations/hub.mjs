/**
 * A hub that holds and answers polls of sessions that are known, with nothing around it: no socket, and no log but its window.
 */
import { trytondSessions } from '../../dist/auth/trytond.js';
import { decodeEntry } from '../../dist/bus/entry.js';
import { messageIdOf } from '../../dist/bus/response.js';
import { append, emptyWindow } from '../../dist/bus/window.js';
import { Hub } from '../../dist/hub/hub.js';
import { silentLogger, systemClock } from '../../dist/library/system.js';

const EPOCH = 'm9x2k1q0z3';
const NOW = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const outside = { clock: systemClock, random: () => 0.5, logger: silentLogger };

/** A hub for so many clients. `poll(n)` is a poll of client `n`; the last one's is followed by an entry that answers all. */
export const hubOf = async (clients) => {
  const sessions = trytondSessions({
    ...outside,
    trytond: { ask: async () => ({ _tag: 'Holds' }), close: async () => {} },
    settings: { ttlMs: DAY_MS, negativeTtlMs: 1000, graceMs: 1000 },
  });
  const hub = new Hub({
    ...outside,
    sessions,
    log: { now: () => NOW, first: () => 1 },
    settings: {
      longPollingTimeoutMs: 300_000,
      longPollingJitter: 0.1,
      cacheTimeoutMs: 300_000,
      allowSubscribe: true,
    },
  });
  const window = emptyWindow(0);
  hub.begin({ epoch: EPOCH, window });

  const headers = Array.from({ length: clients }, (_, n) => {
    const session = Buffer.from(`login:${n + 1}:${'k'.repeat(64)}`).toString('base64');
    return `Session ${session}`;
  });
  const held = [];
  let body;
  let answered = 0;
  const respond = () => {
    answered += 1;
  };
  const publish = () => {
    const sequence = window.tail + 1;
    const bytes = Buffer.from(`{"type":"notification","body":"Number ${sequence}"}`);
    const entry = decodeEntry(sequence, NOW, 'db', 'news', bytes).right;
    append(window, entry);
    hub.arrive(entry);
    body = Buffer.from(
      JSON.stringify({ channels: ['news'], last_message: messageIdOf(entry, EPOCH) }),
    );
  };
  publish();

  const poll = (n) => {
    held[n] = hub.open({ database: 'db', authorization: headers[n], body }, respond);
    if (n < clients - 1) return;
    publish();
    for (const connection of held) hub.written(connection);
    if (answered !== clients) throw new Error(`${answered} of ${clients} polls were answered`);
    answered = 0;
  };
  for (let n = 0; n < clients; n += 1) {
    await sessions.check('db', headers[n]);
    await sessions.check('db', headers[n]);
  }
  return { poll };
};
