/**
 * Journals that are written record by record, and the pictures of them.
 */
import type { Channel, Database, Instant, UserId } from '../../src/bus/names.ts';
import { E } from '../../src/fp.ts';
import type { ConnectionRecord, JournalRecord, NodeRecord } from '../../src/journal/record.ts';
import { draw, emptyDrawing, finish } from '../../src/replay/draw.ts';
import { emptyFold, take } from '../../src/replay/fold.ts';
import type { DrawnConnection, Picture } from '../../src/replay/picture.ts';
import type { Frame } from '../../src/replay/sketch.ts';

export const EPOCH = 'mwu7cdmo4cfd6982';
export const BROUGHT = { sequence: 42, length: 99, sha256: 'f'.repeat(64) };
const PLACE = { after: 41, resume: 'exact', first: 1, floor: 0, cutoff: 0 } as const;

/** A journal of one run, in which records are numbered as they come. */
export const journal = (run = 'r1') => {
  const records: Array<JournalRecord> = [];
  let n = 0;
  const stamp = (at: Instant) => {
    n += 1;
    return { v: 1, run, n, at } as const;
  };
  return {
    records,
    node: (at: Instant, node: NodeRecord['node'], number = 1) => {
      const life = { number, epoch: `${EPOCH}${number}`, floor: 0, tail: 41 };
      const settings = { long_polling_timeout: 300, cache_timeout: 300, allow_subscribe: true };
      records.push({ ...stamp(at), node, version: '0.1.0', settings, sample: 1, life });
    },
    connection: (at: Instant, connection: number, facts: Partial<ConnectionRecord>) => {
      records.push({ ...stamp(at), connection, tail: 41, ...facts });
    },
    /** As if records had been lost. */
    miss: (count: number) => {
      n += count;
    },
  };
};

type Journal = ReturnType<typeof journal>;

export const opening = (at: Instant, user: string, channels: ReadonlyArray<string> = []) => ({
  at,
  database: 'shop' as Database,
  user: user as UserId,
  channels: [...channels, `user:${user}`] as Array<Channel>,
  last_message: null,
});

/** A poll that is parked, from its beginning. */
export const parked = (to: Journal, at: Instant, connection: number, user: string): void => {
  to.connection(at, connection, { event: 'ADMITTED', opening: opening(at, user) });
  to.connection(at + 5, connection, { event: 'NOTHING', place: PLACE });
};

export const answered = (to: Journal, at: Instant, connection: number, user: string): void => {
  parked(to, at, connection, user);
  to.connection(at + 100, connection, { event: 'ARRIVED', answer: BROUGHT });
  to.connection(at + 101, connection, { event: 'WRITTEN' });
};

export const pictureOf = (records: ReadonlyArray<JournalRecord>, frame?: Frame): Picture => {
  const fold = emptyFold();
  const drawing = emptyDrawing(frame);
  for (const record of records) {
    for (const happening of take(fold, E.right(record))) draw(drawing, happening);
  }
  return finish(drawing, fold.newest);
};

export const connectionsOf = ({ lanes }: Picture): ReadonlyArray<DrawnConnection> =>
  lanes.flatMap(({ connections }) => connections);
