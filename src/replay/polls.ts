/**
 * The polls of one subscriber, picked out of a journal: what each was answered with, and how it ended.
 */
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import type { LastMessage } from '../bus/poll.ts';
import type { Resume } from '../bus/resume.ts';
import type { OpeningRecord } from '../journal/record.ts';
import type { FoldedConnection, Happening, Stepped } from './fold.ts';

/** One poll of a subscriber. */
export interface PollStory {
  readonly name: string;
  readonly run: string;
  readonly opening: OpeningRecord;
  readonly lastMessage: LastMessage;
  /** Where it stood, in which life of the log. */
  place: { readonly epoch: Epoch | undefined; after: Sequence; resume: Resume } | undefined;
  /** The entry that it was answered with; undefined for an answer with nothing, and for none. */
  answered: { readonly epoch: Epoch | undefined; readonly sequence: Sequence } | undefined;
  /** What its node's tail had seen when it waited no more, or when the journal ended. */
  tail: Sequence;
  /** Whether all up to there had been looked at for it: it was parked. */
  isParked: boolean;
  /** What ended it, and when: a `SESSION_ENDED` and not the `WRITTEN` after it. */
  end: PollEnd;
  endedAt: Instant | undefined;
}

const RESPONDING = 'responding';

type PollEnd = 'held' | 'written' | 'hung up' | 'session ended' | 'lost';

export interface Polls {
  readonly isOf: (opening: OpeningRecord) => boolean;
  /** Of the polls that ended before this, only the last is kept. */
  readonly since: Instant;
  readonly open: Map<FoldedConnection, PollStory>;
  readonly ended: Array<PollStory>;
  /** The last poll that ended before `since`, of each client. */
  readonly earlier: Map<string, PollStory>;
  /** Each run's life of the log … */
  readonly epochs: Map<string, Epoch>;
  /** … and how far its tail was seen to be. */
  readonly tails: Map<string, Sequence>;
}

/** No polls yet, of whoever `isOf` says. */
export const noPolls = (isOf: Polls['isOf'], since: Instant): Polls => ({
  isOf,
  since,
  open: new Map(),
  ended: [],
  earlier: new Map(),
  epochs: new Map(),
  tails: new Map(),
});

/** Takes note of what a line told. */
export const note = (polls: Polls, happening: Happening): void => {
  switch (happening.type) {
    case 'node': {
      const { run, life } = happening.record;
      if (life === null) return;
      polls.epochs.set(run, life.epoch);
      polls.tails.set(run, life.tail);
      return;
    }
    case 'opened':
      if (polls.isOf(happening.connection.opening)) open(polls, happening.connection);
      return;
    case 'placed': {
      const poll = polls.open.get(happening.connection);
      const { place, run } = happening.record;
      if (poll === undefined || place === undefined) return;
      poll.place = { epoch: polls.epochs.get(run), after: place.after, resume: place.resume };
      return;
    }
    case 'stepped':
      noteStep(polls, happening);
      return;
    case 'gap':
    case 'lost':
      for (const connection of happening.connections) {
        const poll = polls.open.get(connection);
        if (poll !== undefined) end(polls, connection, poll, 'lost', happening.at);
      }
      return;
    case 'orphan':
    case 'unreadable':
  }
};

/** Every poll that was kept, by when it came in, those of each client together. */
export const byClient = (polls: Polls): ReadonlyMap<string, ReadonlyArray<PollStory>> => {
  const all = [...polls.earlier.values(), ...polls.ended, ...polls.open.values()];
  for (const [{ state }, poll] of polls.open) {
    if (state.name !== RESPONDING) poll.tail = polls.tails.get(poll.run) ?? poll.tail;
  }
  const clients = new Map<string, Array<PollStory>>();
  for (const poll of all.sort((a, b) => a.opening.at - b.opening.at)) {
    const client = clientOf(poll.opening);
    const own = clients.get(client);
    if (own === undefined) clients.set(client, [poll]);
    else own.push(poll);
  }
  return clients;
};

/** One client of a user has its own `client:` channel; those without one cannot be told apart. */
const clientOf = ({ channels }: OpeningRecord): string =>
  channels.filter((channel) => channel.startsWith('client:')).join(' ');

const open = (polls: Polls, connection: FoldedConnection): void => {
  const { name, run, opening, lastMessage } = connection;
  polls.open.set(connection, {
    name,
    run,
    opening,
    lastMessage,
    place: undefined,
    answered: undefined,
    tail: 0,
    isParked: false,
    end: 'held',
    endedAt: undefined,
  });
};

const noteStep = (polls: Polls, { connection, record, from, to }: Stepped): void => {
  polls.tails.set(record.run, record.tail);
  const poll = polls.open.get(connection);
  if (poll === undefined) return;
  if (from.name !== RESPONDING) poll.tail = record.tail;
  if (to.name.startsWith('waiting')) poll.isParked = to.name === 'waiting.parked';
  const sequence = record.answer?.sequence;
  if (typeof sequence === 'number') {
    poll.answered = { epoch: polls.epochs.get(record.run), sequence };
  }
  if (record.event === 'SESSION_ENDED') poll.end = 'session ended';
  if (record.event === 'LOG_RESET') poll.place = undefined;
  if (to.snapshot.status !== 'done') return;
  const how = record.event === 'WRITTEN' ? 'written' : 'hung up';
  end(polls, connection, poll, poll.end === 'held' ? how : poll.end, record.at);
};

const end = (
  polls: Polls,
  connection: FoldedConnection,
  poll: PollStory,
  how: PollEnd,
  at: Instant,
): void => {
  polls.open.delete(connection);
  poll.end = how;
  poll.endedAt = at;
  if (at < polls.since) polls.earlier.set(clientOf(poll.opening), poll);
  else polls.ended.push(poll);
};
