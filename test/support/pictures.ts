/**
 * Pictures for the tests of the page: a small one of which every pixel is known, and one of a busy day.
 */
import type { DrawnConnection, Lane, Mark, Picture, Span } from '../../src/replay/picture.ts';

export const BEGIN = Date.UTC(2026, 10, 20, 12);
const EPOCH = 'mwu7cdmo4cfd6982';
const EMPTY_SHA256 = 'a'.repeat(64);
export const MINUTE = 60_000;

const span = (
  state: string,
  from: number,
  event: string | null,
  facts: Partial<Span> = {},
): Span => ({
  state,
  from: BEGIN + from,
  event,
  ...facts,
});

const markOf = (sequence: number, from: number, channel: string, text: string): Mark => ({
  sequence,
  at: BEGIN + from,
  database: 'shop',
  channel,
  id: `${EPOCH}-${sequence}-1ae21bb7`,
  text,
});

/** What a hostile publisher would send. */
export const HOSTILE = '{"type":"x","title":"</script><img src=x onerror=alert(1)><!-- <script>"}';

/** Its rows; the two nodes come first. */
export const USER_7 = 2;
export const USER_8 = 3;
export const USER_9 = 4;
export const NOBODY = 5;

/**
 * Ten minutes: user 7 reads, waits from 1 s on and is answered after four minutes; then polls again and hangs up. User 8 waits
 * for nothing, and is told so. User 9 is held at the end. Node r2 was killed after six minutes.
 */
export const smallPicture = (): Picture => ({
  from: BEGIN,
  to: BEGIN + 10 * MINUTE,
  nodes: [
    {
      run: 'r1',
      version: '0.1.0',
      states: [
        { state: 'starting', from: BEGIN },
        { state: 'serving', from: BEGIN + 2000 },
        { state: 'draining', from: BEGIN + 9.5 * MINUTE },
      ],
      lives: [{ epoch: EPOCH, from: BEGIN + 2000 }],
      gaps: [{ from: BEGIN + 7 * MINUTE, to: BEGIN + 8 * MINUTE, missing: 12 }],
      to: BEGIN + 10 * MINUTE,
      isLost: false,
    },
    {
      run: 'r2',
      version: '0.1.0',
      states: [{ state: 'serving', from: BEGIN }],
      lives: [],
      gaps: [],
      to: BEGIN + 6 * MINUTE,
      isLost: true,
    },
  ],
  lanes: [
    {
      database: 'shop',
      user: '7',
      channels: ['client:ada-desk', 'stock', 'user:7'],
      number: 1,
      connections: [
        {
          node: 0,
          number: 1,
          lastMessage: `${EPOCH}-41-9f3a1c07`,
          end: 'closed',
          to: BEGIN + 4 * MINUTE + 2000,
          spans: [
            span('waiting.reading', 0, 'ADMITTED', { place: { after: 41, resume: 'exact' } }),
            span('waiting.parked', 1000, 'NOTHING'),
            span('responding', 4 * MINUTE, 'ARRIVED', { answer: 0 }),
            span('closed', 4 * MINUTE + 2000, 'WRITTEN'),
          ],
        },
        {
          node: 0,
          number: 3,
          lastMessage: `${EPOCH}-42-1ae21bb7`,
          end: 'closed',
          to: BEGIN + 6 * MINUTE,
          spans: [
            span('waiting.reading', 4.5 * MINUTE, 'ADMITTED'),
            span('waiting.parked', 4.6 * MINUTE, 'NOTHING'),
            span('closed', 6 * MINUTE, 'HANGUP'),
          ],
        },
      ],
    },
    {
      database: 'shop',
      user: '8',
      channels: ['user:8'],
      number: 1,
      connections: [
        {
          node: 0,
          number: 2,
          lastMessage: null,
          end: 'closed',
          to: BEGIN + 5.1 * MINUTE,
          spans: [
            span('waiting.reading', 0, 'ADMITTED', { place: { after: 41, resume: 'start' } }),
            span('waiting.parked', 200, 'NOTHING'),
            span('responding', 5 * MINUTE, 'DEADLINE', { answer: 1 }),
            span('closed', 5.1 * MINUTE, 'WRITTEN'),
          ],
        },
      ],
    },
    {
      database: 'shop',
      user: '9',
      channels: ['stock', 'user:9'],
      number: 1,
      connections: [
        {
          node: 1,
          number: 1,
          lastMessage: `SHA-256 ${'b'.repeat(64)}`,
          end: 'lost',
          to: BEGIN + 6 * MINUTE,
          spans: [span('waiting.parked', 2 * MINUTE, 'NOTHING')],
        },
        {
          node: 0,
          number: 4,
          lastMessage: null,
          end: 'held',
          to: BEGIN + 10 * MINUTE,
          spans: [
            span('waiting.reading', 6.2 * MINUTE, 'ADMITTED'),
            span('waiting.parked', 6.4 * MINUTE, 'NOTHING'),
          ],
        },
      ],
    },
    {
      database: null,
      user: null,
      channels: [],
      number: 1,
      connections: [
        {
          node: 0,
          number: 5,
          lastMessage: null,
          end: 'closed',
          to: BEGIN + 3.2 * MINUTE,
          spans: [
            span('responding', 3 * MINUTE, 'REFUSED', { error: 'Unauthorized' }),
            span('closed', 3.2 * MINUTE, 'WRITTEN'),
          ],
        },
      ],
    },
  ],
  answers: [
    { sequence: 42, epoch: EPOCH, length: 214, sha256: 'c'.repeat(64) },
    { sequence: null, epoch: null, length: 31, sha256: EMPTY_SHA256 },
  ],
  messages: [
    markOf(42, 4 * MINUTE, 'stock', '{"type":"stock","title":"Stock is low"}'),
    markOf(43, 8.5 * MINUTE, 'user:9', HOSTILE),
  ],
  missing: { records: 12, orphans: 3, unreadable: 1 },
});

const LANES = 2000;
const POLLS = 5;

/** Ten thousand connections on two thousand lanes, forty thousand spans, and a thousand messages, over half an hour. */
export const busyPicture = (): Picture => {
  const lanes = Array.from({ length: LANES }, (_, index) => laneOf(index));
  return {
    ...smallPicture(),
    to: BEGIN + 30 * MINUTE,
    nodes: ['r1', 'r2', 'r3'].map((run) => ({
      run,
      version: '0.1.0',
      states: [{ state: 'serving', from: BEGIN }],
      lives: [],
      gaps: [],
      to: BEGIN + 30 * MINUTE,
      isLost: false,
    })),
    lanes,
    answers: Array.from({ length: 1000 }, (_, index) => ({
      sequence: index + 1,
      epoch: EPOCH,
      length: 200,
      sha256: index.toString(16).padStart(64, '0'),
    })),
    messages: Array.from({ length: 1000 }, (_, index) =>
      markOf(index + 1, index * 1800, index % 3 === 0 ? 'stock' : `user:${index}`, '{"type":"x"}'),
    ),
  };
};

/** Spread by a fixed rule, so that each run of the tests sees the same. */
const spread = (index: number, below: number): number => (index * 7919 + 104_729) % below;

/** One lane of the busy day. */
export const laneOf = (lane: number): Lane => ({
  database: 'shop',
  user: String(lane),
  channels: [`client:${lane}-4c1e-9b7f`, 'stock', `user:${lane}`],
  number: 1,
  connections: Array.from({ length: POLLS }, (_, poll) => connectionOf(lane, poll)),
});

const connectionOf = (lane: number, poll: number): DrawnConnection => {
  const from = poll * 5.5 * MINUTE + spread(lane, MINUTE);
  const to = from + MINUTE + spread(lane * POLLS + poll, 4 * MINUTE);
  const isHeld = poll === POLLS - 1;
  const spans = [
    span('waiting.reading', from, 'ADMITTED', { place: { after: lane, resume: 'exact' } }),
    span('waiting.parked', from + spread(lane + poll, 400), 'NOTHING'),
    span('responding', to, 'ARRIVED', { answer: spread(lane + poll, 1000) }),
    span('closed', to + 3, poll % 4 === 2 ? 'HANGUP' : 'WRITTEN'),
  ];
  return {
    node: lane % 3,
    number: lane * POLLS + poll + 1,
    lastMessage: `${EPOCH}-${lane + 1}-1ae21bb7`,
    end: isHeld ? 'held' : 'closed',
    to: BEGIN + (isHeld ? 30 * MINUTE : to + 3),
    spans: isHeld ? spans.slice(0, 2) : spans,
  };
};
