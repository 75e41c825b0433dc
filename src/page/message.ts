/**
 * Finds messages: by the lane that listens to them, and by the answer that brought one.
 */
import type {
  DrawnAnswer,
  DrawnConnection,
  Instant,
  Lane,
  Mark,
  Picture,
} from '../replay/picture.ts';

export interface Messages {
  /** Those on a lane's channels that the log took between two instants; each channel's are in order. */
  readonly on: (lane: Lane, from: Instant, to: Instant) => ReadonlyArray<Mark>;
  /** The message of an answer, if it is among the picture's. */
  readonly of: (answer: DrawnAnswer) => Mark | undefined;
  readonly answerOf: (connection: DrawnConnection) => DrawnAnswer | undefined;
}

const keyOf = (database: string | null, channel: string): string =>
  JSON.stringify([database, channel]);

export const messagesOf = ({ messages, answers }: Picture): Messages => {
  const byChannel = Map.groupBy(messages, ({ database, channel }) => keyOf(database, channel));
  const bySequence = Map.groupBy(messages, ({ sequence }) => sequence);
  return {
    on: ({ database, channels }, from, to) =>
      channels.flatMap((channel) =>
        between(byChannel.get(keyOf(database, channel)) ?? [], from, to),
      ),
    of: ({ sequence, epoch }) =>
      bySequence
        .get(sequence ?? -1)
        ?.find(({ id }) => epoch === null || id.startsWith(`${epoch}-`)),
    answerOf: ({ spans }) => {
      const span = spans.findLast(({ answer }) => answer !== undefined);
      return answers[span?.answer ?? -1];
    },
  };
};

const between = (marks: ReadonlyArray<Mark>, from: Instant, to: Instant): ReadonlyArray<Mark> =>
  marks.slice(firstFrom(marks, from), firstFrom(marks, to));

const firstFrom = (marks: ReadonlyArray<Mark>, from: Instant): number => {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.at ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
};
