/**
 * A verdict in words: one paragraph for whoever asked.
 */
import type { PollStory } from './polls.ts';
import type { Asked, Hole, Why } from './why.ts';
import { durationOf, timeOf } from './words.ts';

/** The paragraph; `who` is `User 7`, or `Client 1c2d…`, and `id` the message's. */
export const whyInWords = (verdict: Why, asked: Asked, who: string, id: string): string =>
  `${messageOf(asked, id)} ${sentences(verdict, asked, who).join(' ')}`;

const messageOf = ({ published }: Asked, id: string): string =>
  published === undefined
    ? `Message ${id} is not in the log any more.`
    : `Message ${id} was published on ${published.channel} at ${timeOf(published.instant)}.`;

const sentences = (verdict: Why, asked: Asked, who: string): ReadonlyArray<string> => {
  switch (verdict._tag) {
    case 'Received': {
      const { by, told, again } = verdict;
      const later = told.lastMessage._tag === 'Id' && told.lastMessage.id.sequence > asked.sequence;
      return [
        `${who} received it.`,
        handedOver(by),
        ...again.map(hungUp),
        `The poll of ${timeOf(told.opening.at)}, ${told.name}, bore ${later ? 'a later id' : 'its id'}.`,
      ];
    }
    case 'HandedOver':
      return [
        `It was handed over to ${lower(who)}.`,
        handedOver(verdict.by),
        ...verdict.again.map(hungUp),
        'No later poll says that it was received.',
      ];
    case 'HungUp':
      return [`${who} did not get it.`, hungUp(verdict.by), 'It did not poll again.'];
    case 'Writing':
      return [
        `It is being handed over to ${lower(who)}:`,
        `${lower(nodeOf(verdict.by))} answered its poll ${verdict.by.name} with it, and was still writing when the journal ended.`,
      ];
    case 'LostNode':
      return [
        `Whether ${lower(who)} got it is not known.`,
        `${nodeOf(verdict.by)} held its poll ${verdict.by.name} and was not heard of after ${endOf(verdict.by)}.`,
      ];
    case 'LeftBefore':
      return [
        `${who} did not get it, since it had left:`,
        `its last poll, ${verdict.last.name}, ended at ${endOf(verdict.last)}${before(asked, verdict.last)}.`,
      ];
    case 'SessionEnded':
      return [
        `${who} did not get it, since its session had ended:`,
        `the poll ${verdict.last.name} was ended for that at ${endOf(verdict.last)}, and none came after it.`,
      ];
    case 'NotListening':
      return [
        `${who} did not get it, since it did not listen to that channel:`,
        `its poll ${verdict.poll.name}, of ${timeOf(verdict.poll.opening.at)}, listened to ${verdict.poll.opening.channels.join(', ')}.`,
      ];
    case 'TooOld':
      return [
        `${who} did not get it, since it had expired by the next poll:`,
        `${verdict.poll.name}, of ${timeOf(verdict.poll.opening.at)}, ${tooOld(verdict.resume)}.`,
        ...verdict.again.map(hungUp),
      ];
    case 'NotReached':
      return [
        `${who} did not get it, since it did not poll on:`,
        `its last poll, ${verdict.last.name}, ended at ${endOf(verdict.last)}, ${
          verdict.last.answered === undefined
            ? 'when it hung up'
            : `with the message at ${verdict.last.answered.sequence}`
        }.`,
      ];
    case 'NotYet':
      return [
        `${who} has not got it yet:`,
        `it is held by ${lower(nodeOf(verdict.poll))}, which had not come to the message when the journal ended.`,
      ];
    case 'Elsewhere':
      return [
        `${who} has it, but from where is not in this journal:`,
        `the poll of ${timeOf(verdict.told.opening.at)}, ${verdict.told.name}, bore its id or a later one.`,
      ];
    case 'Gone':
      return [`No recorded answer to ${lower(who)} brought it.`];
    case 'NeverPolled':
      return [`${who} did not get it, since it never polled while this journal was kept.`];
    case 'Unknown':
      return [`Whether ${lower(who)} got it is not known, since ${holeOf(verdict.hole)}.`];
    case 'Unexplained':
      return [
        `${who} should have got it, and no answer brought it: this is a defect of the bus.`,
        `Look at ${verdict.poll.name} with jetbus replay --connection ${verdict.poll.name}, and run jetbus replay --verify.`,
      ];
  }
};

const handedOver = (poll: PollStory): string =>
  `${nodeOf(poll)} answered its poll ${poll.name} with it, and had written the answer at ${endOf(poll)}.`;

const hungUp = (poll: PollStory): string =>
  poll.end === 'lost'
    ? `${nodeOf(poll)} had answered ${poll.name} with it before, and was lost.`
    : `${nodeOf(poll)} answered ${poll.name} with it, and the client hung up before that was written, at ${endOf(poll)}.`;

const tooOld = (resume: string): string => {
  if (resume === 'start') return 'bore no last message, and began with what was recent then';
  if (resume === 'reset') return 'bore no id of this log, and began with what was recent then';
  return 'began after it';
};

const holeOf = (hole: Hole): string => {
  switch (hole._tag) {
    case 'Begins':
      return `the journal begins at ${timeOf(hole.at)}, and it was published before`;
    case 'Missing':
      return `records of node ${hole.run} are missing before ${timeOf(hole.at)}`;
    case 'Sample':
      return `the journal keeps ${hole.share * 100} % of users, and not this one`;
  }
};

const before = ({ published }: Asked, { endedAt }: PollStory): string =>
  published === undefined || endedAt === undefined || endedAt > published.instant
    ? ''
    : `, ${durationOf(published.instant - endedAt)} before`;

const nodeOf = ({ run }: PollStory): string => `Node ${run}`;

const endOf = ({ endedAt, opening }: PollStory): string => timeOf(endedAt ?? opening.at);

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
