import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BadRequest } from '../../src/bus/errors.ts';
import { decodeMessage, encodeMessage } from '../../src/bus/message.ts';
import { E } from '../../src/fp.ts';
import {
  anyText,
  memberText,
  messageText,
  rightOf,
  spelled,
  valueText,
} from '../support/arbitrary.ts';

const ID = 'm9x2k1q0z3-1042-9f3a1c07';

const decode = (text: string) => decodeMessage(Buffer.from(text));

const leftOf = (text: string): BadRequest => {
  const message = decode(text);
  if (E.isRight(message)) throw new Error(`should be left: ${text}`);
  return message.left;
};

const entriesOf = (text: string): ReadonlyArray<[string, unknown]> =>
  Object.entries(JSON.parse(text) as object);

const isObjectText = (text: string): boolean => {
  try {
    return /^\{/.test(text.trim()) && typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

describe('a message that is sent', () => {
  test('is every member but message_id to the byte, in order, and our id last', () => {
    fc.assert(
      fc.property(messageText, ({ text, members }) => {
        const kept = members.filter(({ key }) => key !== 'message_id').map((each) => each.text);
        const sent = encodeMessage(rightOf(decode(text)), ID);
        expect(sent).toBe(`{${[...kept, `"message_id":"${ID}"`].join(',')}}`);
      }),
      { numRuns: 1000 },
    );
  });

  test('is JSON with the same values and our id', () => {
    fc.assert(
      fc.property(messageText, ({ text }) => {
        const sent = encodeMessage(rightOf(decode(text)), ID);
        const kept = entriesOf(text).filter(([key]) => key !== 'message_id');
        expect(entriesOf(sent)).toEqual([...kept, ['message_id', ID]]);
      }),
      { numRuns: 500 },
    );
  });

  test('of a serializer is the same with our id', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        const sent = encodeMessage(rightOf(decode(text)), ID);
        expect(sent).toBe(
          text === '{}' ? `{"message_id":"${ID}"}` : `${text.slice(0, -1)},"message_id":"${ID}"}`,
        );
      }),
    );
  });

  test('survives being published again', () => {
    fc.assert(
      fc.property(messageText, ({ text }) => {
        const message = rightOf(decode(text));
        expect(decode(encodeMessage(message, ID))).toEqual(E.right(message));
      }),
    );
  });

  test('bears only our id, however another was spelled', () => {
    const keys = fc.array(spelled('message_id'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(keys, valueText, (spellings, value) => {
        const text = `{${spellings.map((key) => `${key}:${value}`).join(',')}}`;
        expect(decode(text)).toEqual(E.right(''));
      }),
    );
  });

  test('keeps a message_id that is not its own', () => {
    fc.assert(
      fc.property(spelled('message_id'), memberText, (key, { text }) => {
        const inner = `"a":{${key}:1,${text}},"b":[{${key}:2}]`;
        expect(decode(`{${inner}}`)).toEqual(E.right(inner));
      }),
    );
  });
});

describe('junk', () => {
  test('of any text is refused', () => {
    const text = fc.oneof(
      anyText,
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0123etrufalsn -.'), maxLength: 20 }),
      valueText,
    );
    fc.assert(
      fc.property(text, (junk) => {
        expect(E.isRight(decode(junk))).toBe(isObjectText(junk));
      }),
      { numRuns: 1000 },
    );
  });

  test('of any bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(E.isLeft(decodeMessage(bytes))).toBe(true);
      }),
    );
  });

  test('that is a message cut short is refused', () => {
    fc.assert(
      fc.property(messageText, fc.nat(), ({ text }, cut) => {
        const end = text.trimEnd();
        expect(leftOf(end.slice(0, cut % end.length)).code).toBe('invalid_json');
      }),
    );
  });

  test('that was a message before one byte changed is refused unless it still is one', () => {
    fc.assert(
      fc.property(messageText, fc.nat(), fc.nat(255), ({ text }, place, byte) => {
        const bytes = Buffer.from(text);
        bytes[place % bytes.length] = byte;
        const isUtf8 = Buffer.from(bytes.toString()).equals(bytes);
        const isMessage = isUtf8 && isObjectText(bytes.toString());
        expect(E.isRight(decodeMessage(bytes))).toBe(isMessage);
      }),
      { numRuns: 500 },
    );
  });

  test('that is not UTF-8 is refused wherever it stands', () => {
    const broken = fc.constantFrom(
      [0xff],
      [0x80],
      [0xc0, 0xaf],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    );
    fc.assert(
      fc.property(messageText, fc.nat(), broken, ({ text }, at, bytes) => {
        const whole = [...text];
        const place = at % (whole.length + 1);
        const parts = [
          whole.slice(0, place).join(''),
          Buffer.from(bytes),
          whole.slice(place).join(''),
        ];
        const message = decodeMessage(Buffer.concat(parts.map((part) => Buffer.from(part))));
        expect(message).toEqual(
          E.left({ _tag: 'BadRequest', code: 'invalid_json', path: '', reason: 'should be UTF-8' }),
        );
      }),
    );
  });

  test('that begins with a byte order mark is refused', () => {
    fc.assert(
      fc.property(messageText, ({ text }) => {
        expect(leftOf(`\ufeff${text}`).code).toBe('invalid_json');
      }),
    );
  });

  test('that is an array of messages is refused', () => {
    fc.assert(
      fc.property(fc.array(messageText), (messages) => {
        const { code, reason } = leftOf(`[${messages.map(({ text }) => text).join(',')}]`);
        expect([code, reason]).toEqual(['invalid_message', 'should be a JSON object']);
      }),
    );
  });
});

describe('what Python cannot read', () => {
  test('is a nesting deeper than 500, of objects and arrays alike', () => {
    const depths = fc.oneof(fc.constantFrom(499, 500, 501), fc.integer({ min: 1, max: 1200 }));
    fc.assert(
      fc.property(depths, fc.infiniteStream(fc.boolean()), (depth, kinds) => {
        const arrays = Array.from({ length: depth - 1 }, () => kinds.next().value === true);
        const open = arrays.map((isArray) => (isArray ? '[' : '{"a":')).join('');
        const close = arrays
          .toReversed()
          .map((isArray) => (isArray ? ']' : '}'))
          .join('');
        const text = `{"a":${open}0${close}}`;
        expect(E.isRight(decode(text))).toBe(depth <= 500);
        if (depth > 500) {
          expect(leftOf(text).reason).toBe('should not nest deeper than 500');
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is an integer of more than 4,300 digits; no other number is', () => {
    const digits = fc.oneof(
      fc.constantFrom(4299, 4300, 4301),
      fc.integer({ min: 4000, max: 5000 }),
    );
    const endings = fc.constantFrom('', '.5', 'e1', 'E-2', '.0e+3');
    fc.assert(
      fc.property(digits, fc.constantFrom('', '-'), endings, (count, sign, ending) => {
        const text = `{"a":[${sign}${'7'.repeat(count)}${ending}]}`;
        expect(E.isRight(decode(text))).toBe(count <= 4300 || ending !== '');
      }),
      { numRuns: 60 },
    );
  });
});

interface Place {
  readonly step: string;
  readonly around: (inner: string) => string;
}

describe('an error', () => {
  const inObject: fc.Arbitrary<Place> = fc
    .tuple(anyText, fc.array(memberText), fc.array(memberText))
    .map(([key, before, after]) => ({
      step: key,
      around: (inner) => {
        const texts = (all: typeof before) => all.map(({ text }) => text);
        const own = `${JSON.stringify(key)}:${inner}`;
        return `{${[...texts(before), own, ...texts(after)].join(',')}}`;
      },
    }));

  const inArray: fc.Arbitrary<Place> = fc
    .tuple(fc.array(valueText), fc.array(valueText))
    .map(([before, after]) => ({
      step: String(before.length),
      around: (inner) => `[${[...before, inner, ...after].join(',')}]`,
    }));

  const places = fc
    .tuple(inObject, fc.array(fc.oneof(inObject, inArray), { maxLength: 4 }))
    .map(([first, more]) => [first, ...more]);

  const culprit = fc.constantFrom(
    ['9'.repeat(4301), 'should be an integer of at most 4300 digits'],
    ['{"__class__":"date","year":2026}', 'should be a "date" that Python can make'],
    ['{"\\u005f_class__":"bytes"}', 'should be a "bytes" that Python can make'],
  );

  test('says where the culprit is', () => {
    fc.assert(
      fc.property(places, culprit, (path, [inner = '', reason]) => {
        const text = path.reduceRight((whole, { around }) => around(whole), inner);
        const names = path.map(({ step }) => step).join('.');
        expect(leftOf(text)).toEqual({
          _tag: 'BadRequest',
          code: 'invalid_message',
          path: names.length > 200 ? `${names.slice(0, 200)}…` : names,
          reason,
        });
      }),
    );
  });
});
