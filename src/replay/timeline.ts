/**
 * The life of a connection as lines: every state, the event that led to it, what came with it, and how long it lasted.
 */
import type { Instant } from '../bus/names.ts';
import type { AnswerRecord, ConnectionRecord, OpeningRecord } from '../journal/record.ts';
import type { FoldedConnection, Stepped } from './fold.ts';
import type { End } from './picture.ts';
import { durationOf, timeOf } from './words.ts';

/** A step, and what is known of the entry that it brought. */
export interface Told extends Stepped {
  /** The place that was found before, while history was still to be read. */
  readonly place: ConnectionRecord['place'];
  /** The message and its channel, if the log still has it. */
  readonly message: { readonly id: string; readonly channel: string } | undefined;
}

/** A connection's steps so far. */
export interface Story {
  readonly connection: FoldedConnection;
  readonly steps: Array<Told>;
}

const ENDINGS: Readonly<Record<End, string>> = {
  closed: '',
  held: 'held when the journal ends',
  lost: 'its node ended without a word',
  gap: 'records are missing from here on',
};

/** A connection's life, a line for each state, and how it ended. */
export const timelineOf = ({ connection, steps }: Story, ending: End): ReadonlyArray<string> => {
  const lines = steps.map((told, index) => {
    const { record, to } = told;
    return line(record.at, record.event, to.name, steps[index + 1]?.lasted, factsOf(told));
  });
  const { at } = connection.opening;
  return [
    titleOf(connection),
    line(at, 'opened', 'idle', steps[0]?.lasted, lastMessageOf(connection.opening)),
    ...lines,
    ...(ending === 'closed' ? [] : [`  ${ENDINGS[ending]}`]),
  ];
};

/** Who a connection is. */
export const titleOf = ({ name, opening }: FoldedConnection): string => {
  const { database, user, channels, omitted } = opening;
  const who = user === null ? 'nobody' : `user ${user}`;
  const heard = omitted === undefined ? channels.join(', ') : `${omitted} channels`;
  return [name, database ?? 'no database', who, heard].join('  ').trimEnd();
};

const line = (
  at: Instant,
  event: string,
  state: string,
  lasted: number | undefined,
  facts: string,
): string => {
  const length = lasted === undefined ? '' : durationOf(lasted);
  return `  ${timeOf(at)}  ${event.padEnd(13)} ${state.padEnd(15)} ${length.padStart(11)}  ${facts}`.trimEnd();
};

const lastMessageOf = ({ last_message }: OpeningRecord): string => {
  if (last_message === null) return 'no last message';
  return typeof last_message === 'string'
    ? `last message ${last_message}`
    : `last message of another bus, SHA-256 ${last_message.sha256}`;
};

const factsOf = ({ record, message, ...earlier }: Told): string => {
  const { place = earlier.place, answer, error, reason } = record;
  const facts: Array<string> = [];
  if (place !== undefined) facts.push(`${place.resume}, after ${place.after}`);
  if (answer !== undefined) facts.push(answerOf(answer, message));
  if (error !== undefined) facts.push(error);
  if (reason !== undefined) facts.push(reason);
  return facts.join('; ');
};

const answerOf = ({ sequence, length }: AnswerRecord, message: Told['message']): string => {
  if (sequence === null) return 'no message';
  return message === undefined
    ? `message ${sequence}, which the log does not have, ${length} bytes`
    : `message ${message.id} on ${message.channel}, ${length} bytes`;
};
