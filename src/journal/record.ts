/**
 * What a journal holds: what each connection of a node saw, a record for each event, as lines of JSON.
 *
 * A record has its node's run, its number in that run, from 1 without gap, and the log's instant. There are two kinds. A node
 * says what it is and where its window of the log stands: when that changes, and every few seconds. A connection says which
 * event it took, with what made it so: its opening the first time, its place once that is found, its answer when there is one.
 *
 * No session key and no message's body is in it, and of a last message that is no id of ours its digest alone.
 */
import { hash } from 'node:crypto';
import * as t from 'io-ts';
import { Channel, Database, UserId } from '../bus/names.ts';
import type { ConnectionEventType } from '../connection/event.ts';

/** The version of the records that are written; no other is read. */
export const VERSION = 1;

/** How often a node records that it lives, so that one which was killed is missed. */
export const HEARTBEAT_MS = 10_000;

const Whole = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'whole number');
const Nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null], `${codec.name} or null`);

const Stamp = t.type({
  v: t.literal(VERSION),
  run: t.refinement(t.string, (run) => /^[0-9a-z]{1,32}$/.test(run), 'run'),
  n: Whole,
  at: t.number,
});

/** A node's window of the log: its number in the run, the log's life, and the sequences that it reaches from and to. */
const Life = t.type({ number: Whole, epoch: t.string, floor: Whole, tail: Whole }, 'life');

const Settings = t.type(
  { long_polling_timeout: t.number, cache_timeout: t.number, allow_subscribe: t.boolean },
  'settings',
);

export const NodeRecord = t.intersection(
  [
    Stamp,
    t.type({
      node: t.keyof({ starting: null, serving: null, draining: null, stopped: null }, 'node state'),
      /** Of Jetbus. */
      version: t.string,
      /** In seconds, by trytond's names. */
      settings: Settings,
      /** The share of users whose connections are recorded. */
      sample: t.number,
      /** Missing until the tail has caught up for the first time. */
      life: Nullable(Life),
    }),
  ],
  'record of a node',
);
export type NodeRecord = t.TypeOf<typeof NodeRecord>;

export const EVENTS: Readonly<Record<ConnectionEventType, null>> = {
  ADMITTED: null,
  REFUSED: null,
  FOUND: null,
  NOTHING: null,
  FAILED: null,
  ARRIVED: null,
  DEADLINE: null,
  DRAIN: null,
  SESSION_ENDED: null,
  LOG_RESET: null,
  HANGUP: null,
  WRITTEN: null,
};

const Opening = t.intersection(
  [
    t.type({
      /** When the poll came in. */
      at: t.number,
      database: Nullable(Database),
      user: Nullable(UserId),
      channels: t.readonlyArray(Channel),
      last_message: t.union([t.string, t.type({ sha256: t.string }), t.null], 'last message'),
    }),
    /** How many channels there were, where they were too long to record. */
    t.partial({ omitted: Whole }),
  ],
  'opening',
);
export type OpeningRecord = t.TypeOf<typeof Opening>;

const Place = t.intersection(
  [
    t.type({
      after: Whole,
      resume: t.keyof({ start: null, exact: null, truncated: null, reset: null }, 'resume'),
      first: Whole,
      floor: Whole,
      cutoff: t.number,
    }),
    t.partial({ last: Whole }),
  ],
  'place',
);

/** What a poll was answered with: the entry's sequence, or none, and the bytes by their length and SHA-256. */
const Answer = t.type({ sequence: Nullable(Whole), length: Whole, sha256: t.string }, 'answer');
export type AnswerRecord = t.TypeOf<typeof Answer>;

/** What is recorded of an answer. */
export const answerRecord = (sequence: number | null, body: Uint8Array): AnswerRecord => ({
  sequence,
  length: body.length,
  sha256: hash('sha256', body, 'hex'),
});

export const ConnectionRecord = t.intersection(
  [
    Stamp,
    t.type({
      /** Its number in the run. */
      connection: Whole,
      /** What the node's tail had seen. */
      tail: Whole,
    }),
    t.partial({
      /** Missing where a connection only notes its place, before it reads history. */
      event: t.keyof(EVENTS, 'event'),
      opening: Opening,
      place: Place,
      answer: Answer,
      /** The `_tag` of the error that it was refused with. */
      error: t.string,
      /** Why the log could not be read. */
      reason: t.string,
    }),
  ],
  'record of a connection',
);
export type ConnectionRecord = t.TypeOf<typeof ConnectionRecord>;

export type JournalRecord = ConnectionRecord | NodeRecord;

export const isNodeRecord = (record: JournalRecord): record is NodeRecord => 'node' in record;

/** How a connection is named to people. */
export const connectionName = ({ run, connection }: { run: string; connection: number }): string =>
  `${run}-${connection}`;
