/**
 * A journal, folded: what each record did to its connection, by the same `step` that the node took. Pure but for the fold
 * itself, which is changed in place and has one owner.
 *
 * A gap in a run's numbers is where records are missing: what its connections did there is not known, so they are let go of,
 * and what is recorded of them later is told as incomplete.
 */
import type { Instant, Sequence } from '../bus/names.ts';
import { decodeLastMessage, type LastMessage } from '../bus/poll.ts';
import type { ConnectionEventType } from '../connection/event.ts';
import type { Effect } from '../connection/machine.ts';
import { type ConnectionState, initialState, step } from '../connection/step.ts';
import { E } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import {
  type ConnectionRecord,
  connectionName,
  HEARTBEAT_MS,
  isNodeRecord,
  type JournalRecord,
  type NodeRecord,
  type OpeningRecord,
} from '../journal/record.ts';

/** A node that nothing was heard of for so long, by the others' records, is lost: it was killed, or its records were. */
const LOST_MS = 600_000;
/** At the journal's end so much tells: a few heartbeats. */
const SILENT_MS = 3 * HEARTBEAT_MS;

export interface FoldedConnection {
  readonly name: string;
  readonly run: string;
  /** Its number in the run. */
  readonly number: number;
  readonly opening: OpeningRecord;
  readonly lastMessage: LastMessage;
  state: ConnectionState;
  /** When it came into its state. */
  since: Instant;
  /** Where it stands, once that is known; nothing for it is left to find up to here. */
  after: Sequence | undefined;
  /** The first sequence that the log had when it found its place. */
  first: Sequence;
  /** The floor of its node's window then. */
  floor: Sequence;
}

interface FoldedRun {
  readonly name: string;
  /** The number of its last record. */
  n: number;
  heard: Instant;
  node: NodeRecord | undefined;
  readonly connections: Map<number, FoldedConnection>;
}

export interface Fold {
  readonly runs: Map<string, FoldedRun>;
  /** The newest instant of any record. */
  newest: Instant;
}

/** A connection took an event. */
export interface Stepped {
  readonly type: 'stepped';
  readonly record: ConnectionRecord & { readonly event: ConnectionEventType };
  readonly connection: FoldedConnection;
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  /** None, and `to` is `from`, where the machine takes no such event there. */
  readonly effects: ReadonlyArray<Effect>;
  /** How long it was in `from`, in milliseconds. */
  readonly lasted: number;
}

/** What a line of a journal tells. */
export type Happening =
  | Stepped
  | { readonly type: 'opened'; readonly connection: FoldedConnection }
  /** A connection found its place, and looks for an entry from there. */
  | {
      readonly type: 'placed';
      readonly record: ConnectionRecord;
      readonly connection: FoldedConnection;
    }
  | { readonly type: 'node'; readonly record: NodeRecord; readonly isNewLife: boolean }
  /** Records are missing: what these connections did then, and whether there were others, is not known. */
  | {
      readonly type: 'gap';
      readonly run: string;
      readonly missing: number;
      readonly at: Instant;
      readonly connections: ReadonlyArray<FoldedConnection>;
    }
  /** A node ended without a word, or stopped while it held these. */
  | {
      readonly type: 'lost';
      readonly run: string;
      readonly at: Instant;
      readonly connections: ReadonlyArray<FoldedConnection>;
    }
  /** A record of a connection whose beginning is not in the journal. */
  | { readonly type: 'orphan'; readonly record: ConnectionRecord }
  | { readonly type: 'unreadable'; readonly reason: string };

export const emptyFold = (): Fold => ({ runs: new Map(), newest: 0 });

/** Takes a line, and answers what it tells, in order. */
export const take = (fold: Fold, line: Line): ReadonlyArray<Happening> => {
  if (E.isLeft(line)) return [{ type: 'unreadable', reason: line.left }];
  const record = line.right;
  const run = runOf(fold, record);
  if (record.n <= run.n) return [];
  const happenings: Array<Happening> = [];
  if (record.n > run.n + 1 && run.n > 0) happenings.push(gap(run, record));
  run.n = record.n;
  run.heard = record.at;
  if (record.at > fold.newest) {
    fold.newest = record.at;
    loseTheSilent(fold, happenings);
  }
  if (isNodeRecord(record)) happenings.push(...takeNode(run, record));
  else takeConnection(run, record, happenings);
  return happenings;
};

/**
 * What the end of a journal tells: the nodes that did not stop, and were not heard of for a while before `until`, are lost.
 * That is when the journal was read, or else its newest record.
 */
export const finish = ({ runs, newest }: Fold, until = newest): ReadonlyArray<Happening> =>
  [...runs.values()]
    .filter((run) => isSilent(run, Math.max(until, newest)))
    .map((run) => lost(run, run.heard));

/** Whether a node that did not stop had not been heard of for a while. */
export const isSilent = ({ node, heard }: FoldedRun, until: Instant): boolean =>
  node?.node !== 'stopped' && heard < until - SILENT_MS;

const runOf = ({ runs }: Fold, { run: name, at }: JournalRecord): FoldedRun => {
  const known = runs.get(name);
  if (known !== undefined) return known;
  const run = { name, n: 0, heard: at, node: undefined, connections: new Map() };
  runs.set(name, run);
  return run;
};

const gap = (run: FoldedRun, { n, at }: JournalRecord): Happening => ({
  type: 'gap',
  run: run.name,
  missing: n - run.n - 1,
  at,
  connections: letGo(run),
});

const letGo = (run: FoldedRun): ReadonlyArray<FoldedConnection> => {
  const connections = [...run.connections.values()];
  run.connections.clear();
  return connections;
};

const loseTheSilent = ({ runs, newest }: Fold, happenings: Array<Happening>): void => {
  for (const run of runs.values()) {
    if (run.heard >= newest - LOST_MS) continue;
    runs.delete(run.name);
    if (run.node?.node !== 'stopped') happenings.push(lost(run, run.heard));
  }
};

const lost = (run: FoldedRun, at: Instant): Happening => ({
  type: 'lost',
  run: run.name,
  at,
  connections: letGo(run),
});

const takeNode = (run: FoldedRun, record: NodeRecord): ReadonlyArray<Happening> => {
  const isNewLife = record.life !== null && record.life.number !== run.node?.life?.number;
  run.node = record;
  const told: Happening = { type: 'node', record, isNewLife };
  const hasLeft = record.node === 'stopped' && run.connections.size > 0;
  return hasLeft ? [told, lost(run, record.at)] : [told];
};

const takeConnection = (
  run: FoldedRun,
  record: ConnectionRecord,
  happenings: Array<Happening>,
): void => {
  const connection = connectionOf(run, record, happenings);
  if (connection === undefined) {
    happenings.push({ type: 'orphan', record });
    return;
  }
  if (record.place !== undefined) {
    connection.after = record.place.after;
    connection.first = record.place.first;
    connection.floor = record.place.floor;
    happenings.push({ type: 'placed', record, connection });
  }
  if (record.event !== undefined) {
    happenings.push(stepped(connection, { ...record, event: record.event }));
    if (connection.state.snapshot.status === 'done') run.connections.delete(record.connection);
  }
};

const connectionOf = (
  run: FoldedRun,
  record: ConnectionRecord,
  happenings: Array<Happening>,
): FoldedConnection | undefined => {
  const { opening } = record;
  if (opening === undefined) return run.connections.get(record.connection);
  const { last_message } = opening;
  const isJunk = last_message !== null && typeof last_message === 'object';
  const connection: FoldedConnection = {
    name: connectionName(record),
    run: run.name,
    number: record.connection,
    opening,
    lastMessage: isJunk
      ? { _tag: 'Junk', sha256: last_message.sha256 }
      : decodeLastMessage(last_message),
    state: initialState,
    since: opening.at,
    after: undefined,
    first: 0,
    floor: 0,
  };
  run.connections.set(record.connection, connection);
  happenings.push({ type: 'opened', connection });
  return connection;
};

const stepped = (connection: FoldedConnection, record: Stepped['record']): Stepped => {
  const from = connection.state;
  const { state: to, effects } = step(from, { type: record.event });
  const lasted = Math.max(0, record.at - connection.since);
  connection.state = to;
  if (to !== from) connection.since = record.at;
  if (record.event === 'LOG_RESET') connection.after = undefined;
  return { type: 'stepped', record, connection, from, to, effects, lasted };
};
