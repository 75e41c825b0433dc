/**
 * The life of a connection as lines: every state, the event that led to it, what came with it, and how long it lasted.
 */
import type { Entry } from '../bus/entry.ts';
import type { Instant } from '../bus/names.ts';
import type { ConnectionRecord, OpeningRecord } from '../journal/record.ts';
import type { FoldedConnection, Stepped } from './fold.ts';
import { durationOf, timeOf } from './words.ts';

/** A connection's steps so far. */
export interface Life {
  readonly connection: FoldedConnection;
  readonly steps: Array<Stepped & { readonly entry: Entry | undefined }>;
}

/** How a life that did not close goes on, as far as is known. */
export type Ending = 'closed' | 'held' | 'lost' | 'gap';

const ENDINGS: Readonly<Record<Ending, string>> = {
  closed: '',
  held: 'held when the journal ends',
  lost: 'its node ended without a word',
  gap: 'records are missing from here on',
};

/** A life, a line for each state. */
export const timelineOf = ({ connection, steps }: Life, ending: Ending): ReadonlyArray<string> => {
  const lines = steps.map(({ record, to, entry }, index) =>
    line(record.at, record.event, to.name, steps[index + 1]?.lasted, factsOf(record, entry)),
  );
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

const factsOf = (record: ConnectionRecord, entry: Entry | undefined): string => {
  const { place, answer, error, reason } = record;
  const facts: Array<string> = [];
  if (place !== undefined) facts.push(`${place.resume}, after ${place.after}`);
  if (answer !== undefined) facts.push(answerOf(answer, entry));
  if (error !== undefined) facts.push(error);
  if (reason !== undefined) facts.push(reason);
  return facts.join('; ');
};

const answerOf = (
  { sequence, length }: NonNullable<ConnectionRecord['answer']>,
  entry: Entry | undefined,
): string => {
  if (sequence === null) return 'no message';
  const what = entry === undefined ? 'which has left the log' : `on ${entry.channel}`;
  return `message ${sequence} ${what}, ${length} bytes`;
};
