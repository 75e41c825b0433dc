/**
 * What is selected, in words: a sentence for who listens, and facts for who reads.
 */
import type { DrawnAnswer, DrawnConnection, End, Span } from '../replay/picture.ts';
import type { Model } from './model.ts';
import { connectionName, type Item, type NodeItem, type SpanItem } from './row.ts';
import { dateOf, durationOf, timeOf } from './time.ts';

/** A term, and what there is to say; several lines for several values. */
export type Fact = readonly [term: string, ...values: ReadonlyArray<string>];

const ENDS: Readonly<Record<End, string>> = {
  closed: 'closed',
  held: 'still held when the journal ended',
  lost: 'lost with its node',
  gap: 'unknown: records are missing from here',
};

/** One sentence or two. */
export const sentenceOf = (model: Model, item: Item): string => {
  if (item.type === 'message') {
    const { sequence, channel, database, at, text } = item.mark;
    return `Message ${sequence} on ${channel} of ${database}, at ${timeOf(at)}. ${text}`;
  }
  if (item.type !== 'span') return nodeSentence(item);
  const { span, connection, lane, index, from, to } = item;
  const by = span.event === null ? 'opened' : `after ${span.event}`;
  const answer = item.answer === undefined ? '' : ` Answer: ${answerInWords(item.answer)}.`;
  return (
    `${stateInWords(span.state)}, ${by}, at ${timeOf(from)}, for ${durationOf(to - from)}.${answer}` +
    ` Connection ${connectionName(model.picture, connection)}, user ${lane.user ?? 'nobody'},` +
    ` span ${index + 1} of ${connection.spans.length}.`
  );
};

export const titleOf = (item: Item): string => {
  switch (item.type) {
    case 'message':
      return `Message ${item.mark.sequence}`;
    case 'span':
      return stateInWords(item.span.state);
    case 'node':
      return `Node ${item.what}`;
    case 'life':
      return 'Another life of the log';
    case 'gap':
      return 'Records are missing';
  }
};

export const factsOf = (model: Model, item: Item): ReadonlyArray<Fact> => {
  if (item.type === 'message') {
    const { channel, database, at, id } = item.mark;
    return [
      ['Channel', channel],
      ['Database', database],
      ['At', instantInWords(at)],
      ['Id', id],
    ];
  }
  return item.type === 'span' ? spanFacts(model, item) : nodeFacts(item);
};

export const stateInWords = (state: string): string => {
  const word = state.split('.').at(-1) ?? state;
  return word.charAt(0).toUpperCase() + word.slice(1);
};

const instantInWords = (at: number): string => `${dateOf(at)} ${timeOf(at)}`;

const answerInWords = ({ sequence, length }: DrawnAnswer): string =>
  `${sequence === null ? 'no message' : `message ${sequence}`}, ${length} bytes`;

const spanFacts = ({ picture, messages }: Model, item: SpanItem): ReadonlyArray<Fact> => {
  const { span, connection, lane, from, to, index } = item;
  const answer = messages.answerOf(connection);
  const facts: Array<Fact> = [
    ['Event', eventInWords(span)],
    ['State', span.state],
    ['From', instantInWords(from)],
    ['To', instantInWords(to)],
    ['For', durationOf(to - from)],
    ['Place', placeInWords(connection, index)],
    ['Answer', answer === undefined ? 'none' : answerInWords(answer)],
  ];
  if (answer !== undefined) facts.push(['SHA-256', answer.sha256]);
  if (span.error !== undefined) facts.push(['Error', span.error]);
  if (span.reason !== undefined) facts.push(['Reason', span.reason]);
  facts.push(
    ['Connection', connectionName(picture, connection)],
    ['User', lane.user ?? 'nobody'],
    ['Database', lane.database ?? 'none'],
    ['Channels', ...lane.channels],
    ['Last message', connection.lastMessage ?? 'none'],
    ['End', ENDS[connection.end]],
  );
  return facts;
};

const eventInWords = ({ event, isIgnored }: Span): string => {
  if (event === null) return 'none yet';
  return isIgnored === true ? `${event}, which this state does not take` : event;
};

/** The place that was found last, unless the log began another life since. */
const placeInWords = ({ spans }: DrawnConnection, index: number): string => {
  for (let before = index; before >= 0; before -= 1) {
    const { place, event } = spans[before] ?? {};
    if (place !== undefined) return `${place.resume}, after ${place.after}`;
    if (event === 'LOG_RESET') break;
  }
  return 'not found yet';
};

const nodeSentence = ({ type, node, what, from, to }: NodeItem): string => {
  const when = `at ${timeOf(from)}`;
  if (type === 'life') return `Node ${node.run} began the log's life ${what}, ${when}.`;
  const long = `for ${durationOf(to - from)}`;
  if (type === 'gap') return `Node ${node.run}: ${what} records are missing, ${when}, ${long}.`;
  return `Node ${node.run} ${what}, ${when}, ${long}.`;
};

const nodeFacts = ({ type, node, what, from, to }: NodeItem): ReadonlyArray<Fact> => {
  const facts: Array<Fact> = [['Node', node.run]];
  if (type === 'life') facts.push(['Epoch', what], ['At', instantInWords(from)]);
  else facts.push(['From', instantInWords(from)], ['To', instantInWords(to)]);
  if (type !== 'life') facts.push(['For', durationOf(to - from)]);
  if (type === 'gap') facts.push(['Missing', `${what} records`]);
  if (node.version !== null) facts.push(['Version', node.version]);
  if (node.isLost) facts.push(['Lost', `heard of last at ${timeOf(node.to)}`]);
  return facts;
};
