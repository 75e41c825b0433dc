/**
 * Why a subscriber did, or did not, get a message: a verdict over the polls of one client. Pure.
 *
 * *Handed over* is not *received*: the first says that the answer was written to its socket to the last byte, the second that
 * a later poll bore its id, or a later one.
 */
import type { Channel, Epoch, Instant, Sequence } from '../bus/names.ts';
import type { Resume } from '../bus/resume.ts';
import { HEARTBEAT_MS } from '../journal/record.ts';
import type { PollStory } from './polls.ts';

/** The message that is asked about. */
export interface Asked {
  readonly epoch: Epoch;
  readonly sequence: Sequence;
  /** Where and when it was published; undefined once it has left the log. */
  readonly published: { readonly channel: Channel; readonly instant: Instant } | undefined;
}

export type Why =
  /** `told` bore its id, or a later one; `again` tells of earlier answers with it that were not written whole. */
  | {
      readonly _tag: 'Received';
      readonly by: PollStory;
      readonly told: PollStory;
      readonly again: ReadonlyArray<PollStory>;
    }
  | {
      readonly _tag: 'HandedOver';
      readonly by: PollStory;
      readonly again: ReadonlyArray<PollStory>;
    }
  /** It hung up before the answer was written, and did not come back. */
  | { readonly _tag: 'HungUp'; readonly by: PollStory }
  /** The answer was still being written when the journal ended. */
  | { readonly _tag: 'Writing'; readonly by: PollStory }
  /** Its node was lost between the answer and the end of its writing. */
  | { readonly _tag: 'LostNode'; readonly by: PollStory }
  /** It was published after the last poll had ended. */
  | { readonly _tag: 'LeftBefore'; readonly last: PollStory }
  | { readonly _tag: 'SessionEnded'; readonly last: PollStory }
  /** It polled, and did not listen to the channel. */
  | { readonly _tag: 'NotListening'; readonly poll: PollStory }
  /**
   * When it polled next, the message was too old for a poll without its place, or had left the log. `again` are earlier
   * answers with it that it hung up on.
   */
  | {
      readonly _tag: 'TooOld';
      readonly poll: PollStory;
      readonly resume: Resume;
      readonly again: ReadonlyArray<PollStory>;
    }
  /** It was on its way to the message, and did not poll on. */
  | { readonly _tag: 'NotReached'; readonly last: PollStory }
  /** Its node had not seen the message yet. */
  | { readonly _tag: 'NotYet'; readonly poll: PollStory }
  /** It says that it has this message or a later one, and no recorded answer brought it. */
  | { readonly _tag: 'Elsewhere'; readonly told: PollStory }
  /** The message has left the log, and no recorded answer brought it. */
  | { readonly _tag: 'Gone' }
  | { readonly _tag: 'NeverPolled' }
  /** No recorded answer brought it, and the journal is not whole. */
  | { readonly _tag: 'Unknown'; readonly hole: Hole }
  /** By the journal it should have got it. */
  | { readonly _tag: 'Unexplained'; readonly poll: PollStory };

/** Where a journal is not whole: it begins too late, lacks records of a node, or keeps other users only. */
export type Hole =
  | { readonly _tag: 'Begins'; readonly at: Instant; readonly tail: Sequence }
  | { readonly _tag: 'Missing'; readonly run: string; readonly at: Instant }
  | { readonly _tag: 'Sample'; readonly share: number };

/** The verdict over the polls of one client, by when they came in, from a journal with these holes. */
export const why = (
  asked: Asked,
  polls: ReadonlyArray<PollStory>,
  holes: ReadonlyArray<Hole>,
): Why => {
  const found = delivered(asked, polls);
  if (found?._tag === 'Received' || found?._tag === 'HandedOver') return found;
  const hole = holes.find((each) => matters(asked, polls, each));
  return hole === undefined ? (found ?? missed(asked, polls)) : { _tag: 'Unknown', hole };
};

/** Whether an answer with the message may be in a hole. */
const matters = (
  { published, sequence }: Asked,
  polls: ReadonlyArray<PollStory>,
  hole: Hole,
): boolean => {
  const instant = published?.instant ?? 0;
  switch (hole._tag) {
    case 'Begins':
      return published === undefined ? hole.tail >= sequence : hole.at > instant;
    case 'Missing':
      return hole.at >= instant;
    case 'Sample':
      return polls.length === 0;
  }
};

const delivered = (asked: Asked, polls: ReadonlyArray<PollStory>): Why | undefined => {
  const answers = polls.filter(({ answered }) => isThis(asked, answered));
  const by = answers.find(({ end }) => end === 'written') ?? answers.at(-1);
  if (by === undefined) return undefined;
  const again = answers.filter((poll) => poll !== by && poll.opening.at <= by.opening.at);
  const told = polls.find((poll) => poll.opening.at >= by.opening.at && tells(asked, poll));
  if (told !== undefined) return { _tag: 'Received', by, told, again };
  if (by.end === 'written') return { _tag: 'HandedOver', by, again };
  if (by.end === 'held') return { _tag: 'Writing', by };
  if (by.end !== 'hung up') return { _tag: 'LostNode', by };
  const later = polls.find((poll) => poll.opening.at > by.opening.at && skips(asked, poll));
  return later?.place === undefined
    ? { _tag: 'HungUp', by }
    : { _tag: 'TooOld', poll: later, resume: later.place.resume, again: [...again, by] };
};

const missed = (asked: Asked, polls: ReadonlyArray<PollStory>): Why => {
  const last = polls.at(-1);
  if (last === undefined) return { _tag: 'NeverPolled' };
  const told = polls.find((poll) => tells(asked, poll) && !isRecorded(poll, polls));
  if (told !== undefined) return { _tag: 'Elsewhere', told };
  if (asked.published === undefined) return { _tag: 'Gone' };
  const { channel, instant } = asked.published;
  const passed = polls.find((poll) => passes(asked, poll));
  if (passed !== undefined) {
    return passed.opening.channels.includes(channel)
      ? { _tag: 'Unexplained', poll: passed }
      : { _tag: 'NotListening', poll: passed };
  }
  const present = polls.filter((poll) => seenUntil(poll) >= instant);
  const [first] = present;
  if (first === undefined) {
    return last.end === 'session ended'
      ? { _tag: 'SessionEnded', last }
      : { _tag: 'LeftBefore', last };
  }
  const listening = present.filter(({ opening }) => opening.channels.includes(channel));
  return listening.length === 0
    ? { _tag: 'NotListening', poll: first }
    : passedOver(asked, listening);
};

/** Why none of these, which listened to the channel when the message was there or later, brought it. */
const passedOver = (asked: Asked, listening: ReadonlyArray<PollStory>): Why => {
  const skipping = listening.find((poll) => skips(asked, poll));
  if (skipping?.place !== undefined) {
    return { _tag: 'TooOld', poll: skipping, resume: skipping.place.resume, again: [] };
  }
  const last = listening.at(-1);
  if (last === undefined) return { _tag: 'NeverPolled' };
  if (last.end === 'session ended') return { _tag: 'SessionEnded', last };
  if (last.answered !== undefined || last.end === 'hung up') return { _tag: 'NotReached', last };
  if (last.end === 'lost') return { _tag: 'LostNode', by: last };
  const isSeen = last.place?.epoch === asked.epoch && last.tail >= asked.sequence;
  if (last.isParked && isSeen) return { _tag: 'Unexplained', poll: last };
  return last.end === 'held' ? { _tag: 'NotYet', poll: last } : { _tag: 'LeftBefore', last };
};

/** Until when a poll may have been held: that of a node which was lost, until its next word was due. */
export const seenUntil = ({ end, endedAt = Number.POSITIVE_INFINITY }: PollStory): Instant =>
  end === 'lost' ? endedAt + HEARTBEAT_MS : endedAt;

const isThis = ({ epoch, sequence }: Asked, answered: PollStory['answered']): boolean =>
  answered?.epoch === epoch && answered.sequence === sequence;

/** Whether a poll stood behind the message from its beginning. */
const skips = ({ epoch, sequence }: Asked, { place }: PollStory): boolean =>
  place?.epoch === epoch && place.after >= sequence;

/** Whether a poll that stood before the message was answered with a later one. */
const passes = ({ epoch, sequence }: Asked, { place, answered }: PollStory): boolean =>
  place?.epoch === epoch &&
  place.after < sequence &&
  answered?.epoch === epoch &&
  answered.sequence > sequence;

/** Whether a recorded answer brought the last message that a poll bears. */
const isRecorded = ({ lastMessage }: PollStory, polls: ReadonlyArray<PollStory>): boolean =>
  lastMessage._tag === 'Id' &&
  polls.some(
    ({ answered }) =>
      answered?.epoch === lastMessage.id.epoch && answered.sequence === lastMessage.id.sequence,
  );

/** Whether a poll's last message is this one, or a later one. */
const tells = ({ epoch, sequence }: Asked, { lastMessage }: PollStory): boolean =>
  lastMessage._tag === 'Id' &&
  lastMessage.id.epoch === epoch &&
  lastMessage.id.sequence >= sequence;
