/**
 * What each step of a delivery allocates, in bytes; as JSON on the standard output.
 *
 * A step is run until V8 has compiled it for good, and then many times between two readings of the heap.
 */

import { decodeEntry } from '../../dist/bus/entry.js';
import { decodeMessage } from '../../dist/bus/message.js';
import { next } from '../../dist/bus/next.js';
import { decodePoll } from '../../dist/bus/poll.js';
import { encodeResponse } from '../../dist/bus/response.js';
import { append, emptyWindow } from '../../dist/bus/window.js';
import { initialState, step } from '../../dist/connection/step.js';
import { hubOf } from './hub.mjs';

const CLIENTS = 1000;
const WARM = 50_000;
const RUNS = 20_000;
const ROUNDS = 5;

const EPOCH = 'm9x2k1q0z3';
const USER = '1';
const CHANNEL = 'client:8a4cf2a6-8ab8-4f3c-a0c1-1ff3a1fb0d05';
const textOf = (n) =>
  `{"type":"notification","title":"Stock is low","body":"Number ${n}","priority":1}`;
const bytesOf = (n) => Buffer.from(textOf(n));
const entryOf = (n) => decodeEntry(n, 1_700_000_000_000 + n, 'db', CHANNEL, bytesOf(n)).right;

const some = (make) => Array.from({ length: CLIENTS }, (_, n) => make(n + 1));
const bodies = some((n) => `{"channels":["${CHANNEL}"],"last_message":"${EPOCH}-${n}-0123abcd"}`);
const messages = some(bytesOf);
const entries = some(entryOf);
const window = emptyWindow(0);
for (const entry of entries) append(window, entry);
const channels = [CHANNEL, 'user:1'];
const EVENTS = ['ADMITTED', 'NOTHING', 'ARRIVED', 'WRITTEN'].map((type) => ({ type }));
const hub = await hubOf(CLIENTS);

const STEPS = {
  decode: (n) => decodePoll(bodies[n], USER),
  next: (n) => next(window, 'db', channels, n),
  step: () => EVENTS.reduce((state, event) => step(state, event).state, initialState),
  encode: (n) => encodeResponse(entries[n], EPOCH),
  message: (n) => decodeMessage(messages[n]),
  poll: (n) => hub.poll(n),
};

/** Whatever a step makes is used, or V8 might leave it out. */
let kept;
const run = (work, times) => {
  for (let n = 0; n < times; n += 1) kept = work(n % CLIENTS) ?? kept;
};

const heap = () => process.memoryUsage().heapUsed;

const measure = (work) => {
  run(work, WARM);
  const rounds = Array.from({ length: ROUNDS }, () => {
    globalThis.gc();
    const before = heap();
    run(work, RUNS);
    return (heap() - before) / RUNS;
  });
  return Math.round(rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]);
};

const bytes = Object.fromEntries(
  Object.entries(STEPS).map(([name, work]) => [name, measure(work)]),
);
process.stdout.write(JSON.stringify(bytes), () => process.exit(kept === undefined ? 1 : 0));
