/**
 * What the page of a replay shows, as the JSON that is embedded in it. `draw.ts` makes it, and `page/` reads it in a browser:
 * so nothing is imported here.
 *
 * Ten thousand connections must open at once. What many connections share is said once, on the lane or in a table, and a span
 * ends where the next one begins.
 */

/** Milliseconds since 1970 by the log's clock. */
export type Instant = number;

export interface Picture {
  readonly from: Instant;
  readonly to: Instant;
  readonly nodes: ReadonlyArray<DrawnNode>;
  readonly lanes: ReadonlyArray<Lane>;
  readonly answers: ReadonlyArray<DrawnAnswer>;
  /** In the order of the log. */
  readonly messages: ReadonlyArray<Mark>;
  readonly missing: Missing;
}

/** What the journal does not tell. */
interface Missing {
  /** Records that there were, by their numbers. */
  readonly records: number;
  /** Records of connections whose beginning is missing. */
  readonly orphans: number;
  /** Lines that are no records. */
  readonly unreadable: number;
}

/** A node, for as long as one process of it ran. */
export interface DrawnNode {
  readonly run: string;
  /** The version of Jetbus. */
  readonly version: string | null;
  readonly states: ReadonlyArray<{ readonly state: string; readonly from: Instant }>;
  /** The log's lives, as the node took to them. */
  readonly lives: ReadonlyArray<{ readonly epoch: string; readonly from: Instant }>;
  readonly gaps: ReadonlyArray<Gap>;
  /** When it was heard of last. */
  readonly to: Instant;
  /** It ended without a word. */
  readonly isLost: boolean;
}

/** A stretch of a run of which records are missing. */
interface Gap {
  readonly from: Instant;
  readonly to: Instant;
  readonly missing: number;
}

/** A subscriber's polls, one after the other. Polls of one subscriber at the same time are on lanes of their own. */
export interface Lane {
  readonly database: string | null;
  readonly user: string | null;
  readonly channels: ReadonlyArray<string>;
  /** 1 for the subscriber's first lane. */
  readonly number: number;
  readonly connections: ReadonlyArray<DrawnConnection>;
}

/**
 * Why nothing more is drawn of a connection: it closed, was held when the journal ended or its node stopped hearing of it,
 * was lost with its node, or records are missing from there.
 */
export type End = 'closed' | 'held' | 'lost' | 'gap';

export interface DrawnConnection {
  /** Which node's run it is of, by its place among the nodes. */
  readonly node: number;
  /** Its number in the run. */
  readonly number: number;
  /** An id, `SHA-256 …` of what was none, or nothing. */
  readonly lastMessage: string | null;
  readonly spans: ReadonlyArray<Span>;
  readonly end: End;
  readonly to: Instant;
}

/** A connection in one state, until its next span begins or the connection ends. */
export interface Span {
  readonly state: string;
  readonly from: Instant;
  /** What led into it; nothing for a beginning. */
  readonly event: string | null;
  /** The place that was found in it. */
  readonly place?: { readonly after: number; readonly resume: string };
  /** The answer that its event brought, by its place among the answers. */
  readonly answer?: number;
  /** The error that it was refused with. */
  readonly error?: string;
  /** Why the log could not be read. */
  readonly reason?: string;
  /** The machine takes no such event in this state. */
  readonly isIgnored?: true;
}

export interface DrawnAnswer {
  /** Nothing where it brings no message. */
  readonly sequence: number | null;
  /** The life of the log that the sequence is of, where the node had told it. */
  readonly epoch: string | null;
  readonly length: number;
  readonly sha256: string;
}

/** A message, where the log took it. */
export interface Mark {
  readonly sequence: number;
  readonly at: Instant;
  readonly database: string;
  readonly channel: string;
  readonly id: string;
  /** Its JSON, or the beginning of it. */
  readonly text: string;
}
