/**
 * What the tests of the pure core draw from: names that are hard on a subject, JSON text as any publisher may write it, and
 * histories of a log. Each history is absolute, so that the window and its oracle are given the very same steps.
 */
import fc from 'fast-check';
import { decodeEntry, type Entry } from '../../src/bus/entry.ts';
import {
  Channel,
  ClientId,
  Database,
  type Epoch,
  type Instant,
  type Sequence,
  UserId,
} from '../../src/bus/names.ts';
import { E } from '../../src/fp.ts';

/** The value of an `Either` that is sure to have one. */
export const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`should be right: ${JSON.stringify(either.left)}`);
  return either.right;
};

export const databaseOf = (text: string): Database => rightOf(Database.decode(text));
export const channelOf = (text: string): Channel => rightOf(Channel.decode(text));
export const userOf = (text: string): UserId => rightOf(UserId.decode(text));
export const clientOf = (text: string): ClientId => rightOf(ClientId.decode(text));

interface Facts {
  readonly sequence: Sequence;
  readonly instant?: Instant;
  readonly database?: string;
  readonly channel?: string;
  readonly json?: string;
}

/** An entry as a log shows it, where only what a test is about needs to be said. */
export const entryOf = ({
  sequence,
  instant = 0,
  database = 'prod',
  channel = 'user:1',
  json = '{}',
}: Facts): Entry =>
  rightOf(
    decodeEntry(sequence, instant, databaseOf(database), channelOf(channel), Buffer.from(json)),
  );

const MAX_NAME_BYTES = 1024;

const HARD = [
  ...['.', '*', '>', ' ', '%', '~', '\u0000', '\t', '\r', '\n', '\u001f', '\u007f', '\u0085'],
  ...[
    '\u00a0',
    '\u2028',
    '\u3000',
    '\ufeff',
    'é',
    '語',
    '😀',
    '"',
    '\\',
    '/',
    ':',
    '2',
    'E',
    'e',
    'a',
  ],
];

/** Any character, astral ones too; `fc.string` has a unit for them that takes most of a second to make. */
const anyCharacter = fc
  .oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0x100, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));

const character = fc.oneof(fc.constantFrom(...HARD), anyCharacter);

/** Any text that has a UTF-8. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: character, maxLength: 20 });

/** The longest name that begins like a text, filled up with `x`. */
const filled = (text: string): string => {
  let bytes = 0;
  let name = '';
  for (const letter of text) {
    bytes += Buffer.byteLength(letter);
    if (bytes > MAX_NAME_BYTES) break;
    name += letter;
  }
  return name.padEnd(name.length + MAX_NAME_BYTES - Buffer.byteLength(name), 'x');
};

/** A name of 1,024 bytes of anything. */
export const longestName: fc.Arbitrary<string> = fc.oneof(
  character.map((letter) => filled(letter.repeat(MAX_NAME_BYTES))),
  fc.string({ unit: character, minLength: 200, maxLength: MAX_NAME_BYTES }).map(filled),
);

const PLAIN = ['prod', 'user:1', 'client:0f3a', 'a.b', '%2E', '%~Lg', '~Lg', '%7E', '2E', 'x'];

export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, minLength: 1, maxLength: 12 }) },
  { weight: 2, arbitrary: fc.constantFrom(...PLAIN) },
  { weight: 1, arbitrary: longestName },
);

export const database: fc.Arbitrary<Database> = name.filter(Database.is);
export const channel: fc.Arbitrary<Channel> = name.filter(Channel.is);

const LETTERS = [...'0123456789abcdefghijklmnopqrstuvwxyz'];

export const epoch: fc.Arbitrary<Epoch> = fc.string({
  unit: fc.constantFrom(...LETTERS),
  minLength: 1,
  maxLength: 32,
});

export const check: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...LETTERS.slice(0, 16)),
  minLength: 8,
  maxLength: 8,
});

export const sequence: fc.Arbitrary<Sequence> = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.maxSafeInteger().map((n) => Math.max(1, Math.abs(n))),
);

/** One member as it stands between commas, white space included, and the key that it decodes to. */
export interface MemberText {
  readonly key: string;
  readonly text: string;
}

/** The text of a JSON object, and its members in order. */
export interface MessageText {
  readonly text: string;
  readonly members: ReadonlyArray<MemberText>;
}

const whiteSpace = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom(' ', '\t', '\n', '\r'),
      minLength: 1,
      maxLength: 3,
    }),
  },
);

const unicodeEscape = (unit: number, upper: boolean): string => {
  const digits = unit.toString(16).padStart(4, '0');
  return `\\u${upper ? digits.toUpperCase() : digits}`;
};

/** The inside of a string literal, a character at a time: as it is, or escaped in any of the ways that JSON has. */
const literalCharacter = fc.oneof(
  character.map((letter) => JSON.stringify(letter).slice(1, -1)),
  fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '{', '}', '[', ']', ','),
  fc.tuple(fc.nat(0xffff), fc.boolean()).map(([unit, upper]) => unicodeEscape(unit, upper)),
  fc.constantFrom('\\ud800', '\\uDFFF', '\\ud83d\\ude00', '\\u0000', '\\u0022', '\\u005c'),
);

const stringText = fc
  .string({ unit: literalCharacter, maxLength: 6 })
  .map((inside) => `"${inside}"`);

/** A text in one of its escaped spellings, as a string literal. */
export const spelled = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('as it is', 'lower', 'upper'), {
      minLength: text.length,
      maxLength: text.length,
    })
    .map((ways) => {
      const letters = ways.map((way, index) =>
        way === 'as it is'
          ? text.charAt(index)
          : unicodeEscape(text.charCodeAt(index), way === 'upper'),
      );
      return `"${letters.join('')}"`;
    });

const numberText = fc.oneof(
  fc.constantFrom('0', '-0', '1.0', '1E400', '-1e-400', '1e+2', '0.10', '9007199254740993'),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
);

const between = (
  before: string,
  after: string,
  texts: ReadonlyArray<string>,
  empty: string,
): string => `${before}${texts.length === 0 ? empty : texts.join(',')}${after}`;

const { value, member } = fc.letrec<{ value: string; member: MemberText }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    stringText,
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), whiteSpace).map(([values, space]) =>
      between(
        '[',
        ']',
        values.map((text) => space + text + space),
        space,
      ),
    ),
    fc.tuple(fc.array(tie('member'), { maxLength: 4 }), whiteSpace).map(([members, space]) =>
      between(
        '{',
        '}',
        members.map(({ text }) => text),
        space,
      ),
    ),
  ),
  member: fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: stringText },
        { weight: 1, arbitrary: spelled('message_id') },
        { weight: 1, arbitrary: fc.constantFrom('"a"', '"0"', '"message"', '"MESSAGE_ID"') },
      ),
      tie('value'),
      fc.array(whiteSpace, { minLength: 4, maxLength: 4 }),
    )
    .map(([key, text, [first = '', second = '', third = '', fourth = '']]) => ({
      key: JSON.parse(key) as string,
      text: `${first}${key}${second}:${third}${text}${fourth}`,
    })),
}));

/** The text of any JSON value, as no serializer would write it. */
export const valueText: fc.Arbitrary<string> = value;

/** One member of an object; many are a `message_id`. */
export const memberText: fc.Arbitrary<MemberText> = member;

/** A message as any publisher may write it: keys that come twice, `message_id` in every spelling, white space anywhere. */
export const messageText: fc.Arbitrary<MessageText> = fc
  .tuple(fc.array(memberText, { maxLength: 6 }), whiteSpace, whiteSpace, whiteSpace)
  .map(([members, before, inside, after]) => {
    const object = between(
      '{',
      '}',
      members.map(({ text }) => text),
      inside,
    );
    return { text: `${before}${object}${after}`, members };
  });

/** What a log shows its follower, and what time does to the window. */
export type Step =
  | { readonly type: 'append'; readonly entry: Entry }
  | { readonly type: 'skip'; readonly sequence: Sequence }
  | { readonly type: 'expire'; readonly cutoff: Instant };

export interface History {
  /** Where the log stood before the first step. */
  readonly floor: Sequence;
  readonly maxSize: number;
  readonly steps: ReadonlyArray<Step>;
}

/** A few names, so that polls meet entries: `x` is a channel of both databases. */
export const DATABASES: ReadonlyArray<Database> = ['a', 'b'].map(databaseOf);
export const CHANNELS: ReadonlyArray<Channel> = ['x', 'y', 'z'].map(channelOf);

const gap = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 4 }));

/** Instants mostly rise, often repeat, and at times go back a little. */
const elapsed = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 3, arbitrary: fc.integer({ min: -4, max: -1 }) },
);

const relativeStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      gap,
      elapsed,
      database: fc.constantFrom(...DATABASES),
      channel: fc.constantFrom(...CHANNELS),
      length: fc.constantFrom(0, 1, 10, 300),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('skip' as const), gap }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('expire' as const),
      age: fc.integer({ min: -3, max: 12 }),
    }),
  },
);

/** A history; with `risingCutoffs` time never goes back for `expire`. */
export const history = ({ risingCutoffs }: { risingCutoffs: boolean }): fc.Arbitrary<History> =>
  fc
    .tuple(
      fc.nat(5),
      fc.constantFrom(0, 300, 600, 900, 1500, 5000, Number.POSITIVE_INFINITY),
      fc.array(relativeStep, { maxLength: 40 }),
    )
    .map(([floor, maxSize, relative]) => {
      let tail = floor;
      let instant = 1000;
      let latest = 0;
      const steps = relative.map((step): Step => {
        if (step.type === 'expire') {
          latest = risingCutoffs ? Math.max(latest, instant - step.age) : instant - step.age;
          return { type: 'expire', cutoff: latest };
        }
        tail += step.gap;
        if (step.type === 'skip') return { type: 'skip', sequence: tail };
        instant += step.elapsed;
        const { database, channel, length } = step;
        const json = length === 0 ? '{}' : `{"text":"${'x'.repeat(length)}"}`;
        return {
          type: 'append',
          entry: entryOf({ sequence: tail, instant, database, channel, json }),
        };
      });
      return { floor, maxSize, steps };
    });
