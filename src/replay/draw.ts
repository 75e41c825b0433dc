/**
 * Draws the picture of a replay, happening by happening. A drawing is changed in place and has one owner; `finish` makes of it
 * the picture, which is data alone.
 */
import type { Entry } from '../bus/entry.ts';
import { encodeMessage } from '../bus/message.ts';
import { formatMessageId } from '../bus/message-id.ts';
import type { Epoch, Instant } from '../bus/names.ts';
import type { LastMessage } from '../bus/poll.ts';
import { messageIdOf } from '../bus/response.ts';
import { initialState } from '../connection/step.ts';
import type { AnswerRecord, ConnectionRecord } from '../journal/record.ts';
import type { FoldedConnection, Happening, Stepped } from './fold.ts';
import { lanesOf } from './lane.ts';
import type { End, Picture } from './picture.ts';
import {
  type Drawing,
  drawNode,
  type Frame,
  heard,
  type NodeSketch,
  nodeOf,
  type Sketch,
  type SpanSketch,
} from './sketch.ts';

const TEXT_LENGTH = 500;

/** A drawing with nothing on it. */
export const emptyDrawing = (frame: Frame = {}): Drawing => ({
  frame,
  nodes: new Map(),
  open: new Map(),
  ended: [],
  answers: new Map(),
  messages: [],
  begun: Number.POSITIVE_INFINITY,
  records: 0,
  orphans: 0,
  unreadable: 0,
});

/** Takes what a line of a journal tells; they come in the journal's order. */
export const draw = (drawing: Drawing, happening: Happening): void => {
  switch (happening.type) {
    case 'opened':
      open(drawing, happening.connection);
      break;
    case 'placed':
      heard(drawing, happening.record);
      place(drawing, happening);
      break;
    case 'stepped':
      heard(drawing, happening.record);
      stepTo(drawing, happening);
      break;
    case 'node':
      drawNode(drawing, happening.record, happening.isNewLife);
      break;
    case 'gap':
      drawGap(drawing, happening);
      break;
    case 'lost':
      lose(drawing, happening);
      break;
    case 'orphan':
      drawOrphan(drawing, happening.record);
      break;
    case 'unreadable':
      drawing.unreadable += 1;
  }
};

/**
 * Puts a message where the log took it; `epoch` is the life of the log that it was read in. The journal has been drawn before:
 * a log may begin long before it, and what is not to be seen is not kept.
 */
export const addMessage = (drawing: Drawing, entry: Entry, epoch: Epoch): void => {
  const { messages, frame, begun } = drawing;
  const { sequence, instant: at, database, channel } = entry;
  if (at < (frame.from ?? begun) || at > (frame.to ?? at)) return;
  const id = messageIdOf(entry, epoch);
  const text = shorten(encodeMessage(entry.message, id));
  messages.push({ sequence, at, database, channel, id, text });
};

/** The picture, once the journal has ended at `newest`. Nothing can be drawn afterwards. */
export const finish = (drawing: Drawing, newest: Instant): Picture => {
  for (const connection of drawing.open.keys()) end(drawing, connection, 'held', newest);
  const { frame, ended, records, orphans, unreadable } = drawing;
  const nodes = seenNodes(drawing);
  const from = frame.from ?? Math.min(drawing.begun, newest);
  const to = Math.max(frame.to ?? newest, from);
  return {
    from,
    to,
    nodes: nodes.map(({ index: _, ...node }) => node),
    lanes: lanesOf(ended),
    answers: [...drawing.answers.values()].map(({ answer }) => answer),
    messages: drawing.messages
      .filter(({ at }) => at >= from && at <= to)
      .sort((one, other) => one.at - other.at || one.sequence - other.sequence),
    missing: { records, orphans, unreadable },
  };
};

/** The nodes that lived within the frame, or had a connection that did; the connections are told their places anew. */
const seenNodes = ({ nodes, ended, frame }: Drawing): ReadonlyArray<NodeSketch> => {
  const used = new Set(ended.map(({ node }) => node));
  const seen = [...nodes.values()].filter(
    ({ index, states, to }) => used.has(index) || isWithin(frame, states[0]?.from ?? to, to),
  );
  const places = new Map(seen.map(({ index }, place) => [index, place]));
  for (const sketch of ended) sketch.node = places.get(sketch.node) ?? 0;
  return seen;
};

const isWithin = ({ from, to }: Frame, begin: Instant, end: Instant): boolean =>
  (from === undefined || end >= from) && (to === undefined || begin <= to);

const open = (drawing: Drawing, connection: FoldedConnection): void => {
  const { run, number, opening, lastMessage } = connection;
  const { frame } = drawing;
  const from = opening.at;
  if (frame.to !== undefined && from > frame.to) return;
  if (frame.isDrawn !== undefined && !frame.isDrawn(connection)) return;
  drawing.open.set(connection, {
    opening,
    node: nodeOf(drawing, run, from).index,
    number,
    lastMessage: inWords(lastMessage),
    spans: [{ state: initialState.name, from, event: null }],
    end: 'held',
    to: from,
  });
};

const inWords = (lastMessage: LastMessage): string | null => {
  switch (lastMessage._tag) {
    case 'None':
      return null;
    case 'Id':
      return formatMessageId(lastMessage.id);
    case 'Junk':
      return `SHA-256 ${lastMessage.sha256}`;
  }
};

/** By the record: the connection itself is already where the whole line has brought it. */
const place = ({ open }: Drawing, happening: Extract<Happening, { type: 'placed' }>): void => {
  const { record, connection } = happening;
  const span = open.get(connection)?.spans.at(-1);
  if (span === undefined || record.place === undefined) return;
  const { after, resume } = record.place;
  span.place = { after, resume };
};

const stepTo = (drawing: Drawing, happening: Stepped): void => {
  const { record, connection, from, to, effects } = happening;
  const sketch = drawing.open.get(connection);
  if (sketch === undefined) return;
  const span: SpanSketch = { state: to.name, from: record.at, event: record.event };
  if (record.answer !== undefined) span.answer = answerOf(drawing, record.run, record.answer);
  if (record.error !== undefined) span.error = record.error;
  if (record.reason !== undefined) span.reason = record.reason;
  if (from === to && effects.length === 0) span.isIgnored = true;
  skipTheInstant(sketch, span);
  sketch.spans.push(span);
  if (to.snapshot.status === 'done') end(drawing, connection, 'closed', record.at);
};

/** A beginning that took no time can be neither seen nor chosen. */
const skipTheInstant = ({ spans }: Sketch, span: SpanSketch): void => {
  const beginning = spans.at(-1);
  if (beginning?.event !== null || beginning.from !== span.from) return;
  if (beginning.place !== undefined) span.place = beginning.place;
  spans.pop();
};

/** One entry answers many connections at once, so equal answers are one. */
const answerOf = (drawing: Drawing, run: string, record: AnswerRecord): number => {
  const { sequence, length, sha256 } = record;
  const epoch = sequence === null ? null : (drawing.nodes.get(run)?.lives.at(-1)?.epoch ?? null);
  const key = `${epoch} ${sequence} ${length} ${sha256}`;
  const known = drawing.answers.get(key);
  if (known !== undefined) return known.index;
  const index = drawing.answers.size;
  drawing.answers.set(key, { index, answer: { sequence, epoch, length, sha256 } });
  return index;
};

const end = (drawing: Drawing, connection: FoldedConnection, how: End, at: Instant): void => {
  const sketch = drawing.open.get(connection);
  if (sketch === undefined) return;
  drawing.open.delete(connection);
  sketch.end = how;
  sketch.to = Math.max(at, sketch.spans.at(-1)?.from ?? at);
  if (isWithin(drawing.frame, connection.opening.at, sketch.to)) drawing.ended.push(sketch);
};

const drawGap = (drawing: Drawing, gap: Extract<Happening, { type: 'gap' }>): void => {
  const node = nodeOf(drawing, gap.run, gap.at);
  const from = Math.min(node.to, gap.at);
  node.gaps.push({ from, to: gap.at, missing: gap.missing });
  if (isWithin(drawing.frame, from, gap.at)) drawing.records += gap.missing;
  for (const connection of gap.connections) end(drawing, connection, 'gap', from);
};

const lose = (drawing: Drawing, lost: Extract<Happening, { type: 'lost' }>): void => {
  const node = nodeOf(drawing, lost.run, lost.at);
  node.isLost = node.states.at(-1)?.state !== 'stopped';
  for (const connection of lost.connections) end(drawing, connection, 'lost', lost.at);
};

const drawOrphan = (drawing: Drawing, record: ConnectionRecord): void => {
  heard(drawing, record);
  if (isWithin(drawing.frame, record.at, record.at)) drawing.orphans += 1;
};

const shorten = (text: string): string =>
  text.length <= TEXT_LENGTH ? text : `${text.slice(0, TEXT_LENGTH - 1).toWellFormed()}…`;
