/**
 * A node's own account: a record for everything that its connections take.
 *
 * There are four records to every answer, and in a fan-out thousands of connections take the same at once. So what they have in
 * common is written once, and of each connection no more than what is its own (`line.ts`).
 */
import { formatMessageId } from '../bus/message-id.ts';
import type { Channel, Database, Epoch, Instant, Sequence, UserId } from '../bus/names.ts';
import type { LastMessage } from '../bus/poll.ts';
import { EMPTY_RESPONSE } from '../bus/response.ts';
import type { Place } from '../bus/resume.ts';
import { sequenceBefore, type Window } from '../bus/window.ts';
import type { ConnectionEvent, ConnectionEventType } from '../connection/event.ts';
import type { Cancel, Clock } from '../ports.ts';
import { answerRecord, EVENTS, HEARTBEAT_MS, type NodeRecord } from './record.ts';
import { isSampled } from './sample.ts';
import type { JournalWriter } from './writer.ts';

/** More text than this is not recorded of the channels that one poll listens to. */
const MAX_CHANNELS_TEXT = 64 * 1024;

/** What of a connection is recorded. */
export interface Recorded {
  readonly database: Database;
  readonly user: UserId | undefined;
  readonly channels: ReadonlyArray<Channel>;
  readonly lastMessage: LastMessage;
  readonly place: Place | undefined;
  /** The recorder's own: what it has recorded of the connection. */
  trace: Trace | undefined;
}

interface Trace {
  readonly opened: Instant;
  /** When it was admitted, until that is recorded: most often with what follows at once. */
  admitted: Instant | undefined;
  /** The connection's number in the run, from its first record on; 0 if its user is not among the sample. */
  number: number | undefined;
  /** The place that was recorded last. */
  place: Place | undefined;
}

export interface RecorderOptions {
  readonly writer: JournalWriter;
  readonly clock: Clock;
  /** The log's clock. */
  readonly now: () => Instant;
  readonly version: string;
  readonly settings: NodeRecord['settings'];
  /** The share of users whose connections are recorded, from 0 to 1. */
  readonly sample: number;
}

/** An answer, and what was written of it last: what an event is called and what it says, with the answer behind. */
interface Digested {
  readonly body: Uint8Array;
  readonly answer: string;
  readonly head: string;
  readonly text: string;
}

/** What a poll may have in common with those that come after it, and how that is written. */
interface Alike extends Pick<Recorded, 'database' | 'lastMessage' | 'place'> {
  readonly opened: Instant;
  /** The answer, where it found one at once. */
  readonly body: Uint8Array | undefined;
  readonly facts: string;
}

/** What a line says of every connection that it lists. */
interface Begun {
  readonly at: Instant;
  readonly tail: Sequence;
  readonly facts: string;
}

interface Life {
  readonly number: number;
  readonly epoch: Epoch;
  readonly window: Window;
}

export class Recorder {
  readonly #options: RecorderOptions;
  #connections = 0;
  #node: NodeRecord['node'] = 'starting';
  #life: Life | undefined;
  /** The log's clock when it was last read, by this process's own: it is not read for each record. */
  #anchor: { readonly instant: Instant; readonly elapsed: number };
  #heartbeat: Cancel = () => {};
  /** The answer digested last: one for all whom an entry answers at once. */
  #digested: Digested | undefined;
  /** What the last poll may have in common with the next one. */
  #alike: Alike | undefined;
  /** The line that was begun last. */
  #line: Begun = { at: 0, tail: 0, facts: '' };

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#anchor = this.#readClock();
    this.#beat();
  }

  get status() {
    return this.#options.writer.status;
  }

  /** The node is in another state. */
  became(node: NodeRecord['node']): void {
    if (node === this.#node) return;
    this.#node = node;
    this.#beat();
  }

  /** The window of a life of the log holds all it should, perhaps again. */
  began({ epoch, window }: Omit<Life, 'number'>): void {
    if (this.#life?.window === window) return;
    this.#life = { number: (this.#life?.number ?? 0) + 1, epoch, window };
    this.#beat();
  }

  /** A poll came in: nothing is known of it yet, and nothing recorded. */
  opened(connection: Recorded): void {
    const opened = this.#now();
    connection.trace = { opened, admitted: undefined, number: undefined, place: undefined };
  }

  /** A connection takes an event; `body` is the answer that brings the event's entry. */
  took(connection: Recorded, event: ConnectionEvent, body?: Uint8Array): void {
    const { trace } = connection;
    if (trace === undefined || trace.number === 0) return;
    const isFirst = trace.number === undefined;
    if (isFirst && !this.#number(connection, trace)) return;
    const { type } = event;
    if (type === 'ADMITTED') {
      trace.admitted = this.#now();
    } else if (trace.admitted !== undefined && (type === 'NOTHING' || type === 'FOUND')) {
      this.#addPoll(connection, trace, trace.admitted, this.#pollFacts(connection, event, body));
    } else {
      const opening = isFirst ? openingOf(connection, trace) : '';
      this.#add(trace, this.#factsOf(event, body, opening + placeOf(connection, trace)));
    }
  }

  /** A connection took all that follows at once from its having been admitted. */
  entered(connection: Recorded): void {
    const { trace } = connection;
    if (trace?.admitted !== undefined) this.#addAdmitted(connection, trace);
  }

  /** A connection found its place, and reads history, which takes time. */
  placed(connection: Recorded): void {
    this.entered(connection);
    const { trace } = connection;
    if (!trace?.number || connection.place === trace.place) return;
    this.#add(trace, placeOf(connection, trace));
  }

  async close(): Promise<void> {
    this.#heartbeat();
    await this.#options.writer.close();
  }

  #add({ number }: Trace, facts: string, at = this.#now()): void {
    this.#list(at, facts, CONNECTIONS, String(number), 1);
  }

  #addAdmitted(connection: Recorded, trace: Trace): void {
    const facts = `${EVENT_TEXTS.ADMITTED}${openingOf(connection, trace)}`;
    this.#add(trace, facts, trace.admitted);
    trace.admitted = undefined;
  }

  /** Records that a poll was admitted, and what it took in the same step. */
  #addPoll(connection: Recorded, trace: Trace, at: Instant, facts: string): void {
    trace.admitted = undefined;
    trace.place = connection.place;
    this.#list(at, facts, POLLS, pollOf(connection, trace), 2);
  }

  /** What a poll may have in common with others: the very text of the last one, if it has. */
  #pollFacts(connection: Recorded, event: ConnectionEvent, body: Uint8Array | undefined): string {
    const { database, lastMessage, place, trace } = connection;
    const last = this.#alike;
    if (last !== undefined && isAlike(last, connection, body)) return last.facts;
    const opened = trace?.opened ?? 0;
    const opening = `"at":${opened},"database":${textOf(database)},"last_message":${lastMessageOf(lastMessage)}`;
    const facts = `,"opening":{${opening}}${this.#factsOf(event, body, placeText(place))}`;
    this.#alike = { opened, database, lastMessage, place, body, facts };
    return facts;
  }

  /** Records something of one connection: in the last line, if it says the same of others. */
  #list(at: Instant, facts: string, list: string, item: string, records: number): void {
    const { writer } = this.#options;
    const tail = this.#life?.window.tail ?? 0;
    const last = this.#line;
    const isSame = last.at === at && last.tail === tail && last.facts === facts;
    if (isSame && writer.more(item, records)) return;
    this.#line = { at, tail, facts };
    writer.list(`,"at":${at},"tail":${tail}${facts}${list}`, item, records);
  }

  /** Gives a connection its number. A poll that nobody's session came with counts as that of a user without a name. */
  #number({ user = '' as UserId }: Recorded, trace: Trace): boolean {
    const isKept = isSampled(user, this.#options.sample);
    if (isKept) this.#connections += 1;
    trace.number = isKept ? this.#connections : 0;
    return isKept;
  }

  /** An event, and what comes with it: before that, where there is any, `more` about the connection. */
  #factsOf(event: ConnectionEvent, body: Uint8Array | undefined, more: string): string {
    const { type } = event;
    const head = more === '' ? EVENT_TEXTS[type] : `${EVENT_TEXTS[type]}${more}`;
    switch (type) {
      case 'FOUND':
      case 'ARRIVED':
        return body === undefined ? head : this.#withAnswer(head, event.entry.sequence, body);
      case 'DEADLINE':
      case 'DRAIN':
      case 'SESSION_ENDED':
        return `${head}${NOTHING}`;
      case 'REFUSED':
        return `${head},"error":"${event.error._tag}"`;
      case 'FAILED':
        return `${head},"reason":${JSON.stringify(event.reason)}`;
      default:
        return head;
    }
  }

  #withAnswer(head: string, sequence: number, body: Uint8Array): string {
    const last = this.#digested;
    if (last?.body === body && last.head === head) return last.text;
    const answer = last?.body === body ? last.answer : answerText(sequence, body);
    const text = `${head}${answer}`;
    this.#digested = { body, answer, head, text };
    return text;
  }

  /** Records how the node is, now and every few seconds from now on. */
  #beat(): void {
    this.#heartbeat();
    const { clock, writer, version, settings, sample } = this.#options;
    this.#anchor = this.#readClock();
    const life = this.#life && {
      number: this.#life.number,
      epoch: this.#life.epoch,
      floor: Math.min(this.#life.window.floor, sequenceBefore(this.#life.window)),
      tail: this.#life.window.tail,
    };
    const record = {
      at: this.#now(),
      node: this.#node,
      version,
      settings,
      sample,
      life: life ?? null,
    };
    writer.add(`,${JSON.stringify(record).slice(1)}`);
    this.#heartbeat = clock.after(HEARTBEAT_MS, () => this.#beat());
  }

  #readClock() {
    return { instant: this.#options.now(), elapsed: this.#options.clock.elapsed() };
  }

  #now(): Instant {
    const { instant, elapsed } = this.#anchor;
    return instant + Math.floor(this.#options.clock.elapsed() - elapsed);
  }
}

/** How a line says which event it is of. */
const EVENT_TEXTS = Object.fromEntries(
  Object.keys(EVENTS).map((type) => [type, `,"event":"${type}"`]),
) as Readonly<Record<ConnectionEventType, string>>;

const CONNECTIONS = ',"connections":';
const POLLS = ',"polls":';

const openingOf = (
  { database, user, channels, lastMessage }: Recorded,
  { opened }: Trace,
): string =>
  `,"opening":{"at":${opened},"database":${textOf(database)},"user":${textOf(user)},"channels":${channelsOf(channels)},"last_message":${lastMessageOf(lastMessage)}}`;

/** A record that is too large for its store would be lost, and cast doubt on the others of its node. */
const channelsOf = (channels: ReadonlyArray<Channel>): string => {
  const text = JSON.stringify(channels);
  return text.length <= MAX_CHANNELS_TEXT ? text : `[],"omitted":${channels.length}`;
};

/** What is a poll's own, as one text: its number, its user and its channels, or how many those are. */
const pollOf = ({ user, channels }: Recorded, { number }: Trace): string => {
  const name = user === '' ? null : user;
  const text = JSON.stringify([number, name, channels]);
  return text.length <= MAX_CHANNELS_TEXT
    ? text
    : JSON.stringify([number, name, [], channels.length]);
};

const textOf = (text: string | undefined): string =>
  text === undefined || text === '' ? 'null' : JSON.stringify(text);

const lastMessageOf = (lastMessage: LastMessage): string => {
  switch (lastMessage._tag) {
    case 'None':
      return 'null';
    case 'Id':
      return `"${formatMessageId(lastMessage.id)}"`;
    case 'Junk':
      return `{"sha256":"${lastMessage.sha256}"}`;
  }
};

const isAlike = (last: Alike, poll: Recorded, body: Uint8Array | undefined): boolean =>
  last.opened === poll.trace?.opened &&
  last.body === body &&
  last.database === poll.database &&
  isSamePlace(last.place, poll.place) &&
  isSameMessage(last.lastMessage, poll.lastMessage);

/** The place of a connection, where it is not recorded yet. */
const placeOf = ({ place }: Recorded, trace: Trace): string => {
  if (place === trace.place) return '';
  trace.place = place;
  return placeText(place);
};

const placeText = (place: Place | undefined): string => {
  if (place === undefined) return '';
  const { after, resume, first, floor, cutoff, last } = place;
  const asked = last === undefined ? '' : `,"last":${last}`;
  return `,"place":{"after":${after},"resume":"${resume}","first":${first},"floor":${floor},"cutoff":${cutoff}${asked}}`;
};

const isSamePlace = (one: Place | undefined, other: Place | undefined): boolean =>
  one?.cutoff === other?.cutoff &&
  one?.after === other?.after &&
  one?.resume === other?.resume &&
  one?.first === other?.first &&
  one?.floor === other?.floor &&
  one?.last === other?.last;

/** One that is no id is never the same: such polls are few. */
const isSameMessage = (one: LastMessage, other: LastMessage): boolean =>
  one._tag === 'Id' && other._tag === 'Id'
    ? one.id.sequence === other.id.sequence &&
      one.id.check === other.id.check &&
      one.id.epoch === other.id.epoch
    : one._tag === 'None' && other._tag === 'None';

const answerText = (sequence: number | null, body: Uint8Array): string =>
  `,"answer":${JSON.stringify(answerRecord(sequence, body))}`;

const NOTHING = answerText(null, Buffer.from(EMPTY_RESPONSE));
