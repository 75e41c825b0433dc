/**
 * A node's own account: a record for everything that its connections take. Records are written as text piece by piece, since
 * there are four to every answer.
 */
import { formatMessageId } from '../bus/message-id.ts';
import type { Channel, Database, Epoch, Instant, UserId } from '../bus/names.ts';
import type { LastMessage } from '../bus/poll.ts';
import { EMPTY_RESPONSE } from '../bus/response.ts';
import type { Place } from '../bus/resume.ts';
import { sequenceBefore, type Window } from '../bus/window.ts';
import type { ConnectionEvent } from '../connection/event.ts';
import type { Cancel, Clock } from '../ports.ts';
import { answerRecord, HEARTBEAT_MS, type NodeRecord } from './record.ts';
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
  #digested: { readonly body: Uint8Array; readonly text: string } | undefined;

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
    connection.trace = { opened: this.#now(), number: undefined, place: undefined };
  }

  /** A connection takes an event; `body` is the answer that brings the event's entry. */
  took(connection: Recorded, event: ConnectionEvent, body?: Uint8Array): void {
    const { trace } = connection;
    if (trace === undefined || trace.number === 0) return;
    let facts = `,"event":"${event.type}"`;
    if (trace.number === undefined) {
      if (!this.#number(connection, trace)) return;
      facts += openingOf(connection, trace);
    }
    if (connection.place !== trace.place) facts += placeOf(connection, trace);
    switch (event.type) {
      case 'FOUND':
      case 'ARRIVED':
        facts += this.#answerOf(event.entry.sequence, body);
        break;
      case 'DEADLINE':
      case 'DRAIN':
      case 'SESSION_ENDED':
        facts += NOTHING;
        break;
      case 'REFUSED':
        facts += `,"error":"${event.error._tag}"`;
        break;
      case 'FAILED':
        facts += `,"reason":${JSON.stringify(event.reason)}`;
        break;
      default:
    }
    this.#add(trace, facts);
  }

  /** A connection found its place, and reads history, which takes time. */
  placed(connection: Recorded): void {
    const { trace } = connection;
    if (!trace?.number || connection.place === trace.place) return;
    this.#add(trace, placeOf(connection, trace));
  }

  async close(): Promise<void> {
    this.#heartbeat();
    await this.#options.writer.close();
  }

  #add({ number }: Trace, facts: string): void {
    const tail = this.#life?.window.tail ?? 0;
    this.#options.writer.add(`,"at":${this.#now()},"connection":${number},"tail":${tail}${facts}}`);
  }

  /** Gives a connection its number. A poll that nobody's session came with counts as that of a user without a name. */
  #number({ user = '' as UserId }: Recorded, trace: Trace): boolean {
    const isKept = isSampled(user, this.#options.sample);
    if (isKept) this.#connections += 1;
    trace.number = isKept ? this.#connections : 0;
    return isKept;
  }

  #answerOf(sequence: number, body: Uint8Array | undefined): string {
    if (body === undefined) return '';
    if (this.#digested?.body !== body) this.#digested = { body, text: answerText(sequence, body) };
    return this.#digested.text;
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

const openingOf = (
  { database, user, channels, lastMessage }: Recorded,
  { opened }: Trace,
): string =>
  `,"opening":{"at":${opened},"database":${textOf(database)},"user":${textOf(user)},${channelsOf(channels)},"last_message":${lastMessageOf(lastMessage)}}`;

/** A record that is too large for its store would be lost, and cast doubt on the others of its node. */
const channelsOf = (channels: ReadonlyArray<Channel>): string => {
  const text = JSON.stringify(channels);
  return text.length <= MAX_CHANNELS_TEXT
    ? `"channels":${text}`
    : `"channels":[],"omitted":${channels.length}`;
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

const placeOf = ({ place }: Recorded, trace: Trace): string => {
  trace.place = place;
  if (place === undefined) return '';
  const { after, resume, first, floor, cutoff, last } = place;
  const asked = last === undefined ? '' : `,"last":${last}`;
  return `,"place":{"after":${after},"resume":"${resume}","first":${first},"floor":${floor},"cutoff":${cutoff}${asked}}`;
};

const answerText = (sequence: number | null, body: Uint8Array): string =>
  `,"answer":${JSON.stringify(answerRecord(sequence, body))}`;

const NOTHING = answerText(null, Buffer.from(EMPTY_RESPONSE));
