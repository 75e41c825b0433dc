/**
 * Rows of the timeline, and what is on them: messages first, then a row for each node, then the lanes of connections. Whatever
 * can be selected is an item, and the items of a row are in the order of time.
 */
import type {
  DrawnAnswer,
  DrawnConnection,
  DrawnNode,
  Instant,
  Lane,
  Mark,
  Picture,
  Span,
} from '../replay/picture.ts';

interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

export interface SpanItem extends Stretch {
  readonly type: 'span';
  readonly span: Span;
  /** Its place among the connection's spans. */
  readonly index: number;
  readonly connection: DrawnConnection;
  readonly lane: Lane;
  /** What its event brought. */
  readonly answer: DrawnAnswer | undefined;
}

export interface NodeItem extends Stretch {
  readonly type: 'node' | 'life' | 'gap';
  readonly node: DrawnNode;
  /** The node's state, the log's epoch, or how many records are missing. */
  readonly what: string;
}

interface MessageItem extends Stretch {
  readonly type: 'message';
  readonly mark: Mark;
}

export type Item = SpanItem | NodeItem | MessageItem;

export interface Row {
  readonly type: 'messages' | 'node' | 'lane';
  readonly title: string;
  readonly detail: string;
  readonly items: ReadonlyArray<Item>;
  /** What a filter looks through, in lower case. */
  readonly text: string;
  readonly lane?: Lane;
}

/** Every row of a picture; the first is the messages'. */
export const rowsOf = (picture: Picture): ReadonlyArray<Row> => [
  {
    type: 'messages',
    title: 'Messages',
    detail: '',
    items: picture.messages.map((mark) => ({ type: 'message', from: mark.at, to: mark.at, mark })),
    text: '',
  },
  ...picture.nodes.map(nodeRow),
  ...picture.lanes.map((lane) => laneRow(picture, lane)),
];

/** The rows that hold a text; the messages and the nodes always do. */
export const filtered = (rows: ReadonlyArray<Row>, text: string): ReadonlyArray<Row> => {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter((row) => row.type !== 'lane' || row.text.includes(wanted));
};

export const connectionName = (picture: Picture, { node, number }: DrawnConnection): string =>
  `${picture.nodes[node]?.run ?? '?'}-${number}`;

/** The last item that begins at an instant or before; the first one, if none does. */
export const itemAt = (items: ReadonlyArray<Stretch>, at: Instant): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.from ?? at) <= at) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
};

const laneRow = (picture: Picture, lane: Lane): Row => {
  const { user, database, channels, number, connections } = lane;
  const others = channels.filter((channel) => channel !== `user:${user}`);
  const title = `${user === null ? 'nobody' : `user ${user}`} · ${database ?? 'no database'}`;
  const names = connections.map((connection) => connectionName(picture, connection));
  return {
    type: 'lane',
    title: number === 1 ? title : `${title} (${number})`,
    detail: (others.length > 0 ? others : channels).join(', '),
    items: connections.flatMap((connection) => spanItems(picture, connection, lane)),
    text: [title, ...channels, ...names].join('\n').toLowerCase(),
    lane,
  };
};

const spanItems = (
  { answers }: Picture,
  connection: DrawnConnection,
  lane: Lane,
): ReadonlyArray<SpanItem> =>
  connection.spans.map((span, index) => ({
    type: 'span',
    from: span.from,
    to: connection.spans[index + 1]?.from ?? connection.to,
    span,
    index,
    connection,
    lane,
    answer: answers[span.answer ?? -1],
  }));

const nodeRow = (node: DrawnNode): Row => {
  const states = node.states.map(
    ({ state, from }, index): Item => ({
      type: 'node',
      from,
      to: node.states[index + 1]?.from ?? node.to,
      node,
      what: state,
    }),
  );
  const lives = node.lives.map(
    ({ epoch, from }): Item => ({ type: 'life', from, to: from, node, what: epoch }),
  );
  const gaps = node.gaps.map(
    ({ from, to, missing }): Item => ({ type: 'gap', from, to, node, what: String(missing) }),
  );
  return {
    type: 'node',
    title: `node ${node.run}`,
    detail: node.isLost ? 'lost' : (node.states.at(-1)?.state ?? 'state unknown'),
    items: [...states, ...lives, ...gaps].sort((one, other) => one.from - other.from),
    text: '',
  };
};
