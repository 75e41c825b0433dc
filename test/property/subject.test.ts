import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { O } from '../../src/fp.ts';
import { decodeSubject, encodeSubject } from '../../src/log/subject.ts';
import { channel, channelOf, database, databaseOf, longestName } from '../support/arbitrary.ts';

const names = fc.record({ database, channel });

const subjectOf = (pair: { database: string; channel: string }): string =>
  encodeSubject('bus', databaseOf(pair.database), channelOf(pair.channel));

/** Names that differ only in what an encoding may confuse. */
const alike = fc
  .string({ unit: fc.constantFrom(...'.%~*> 2EeL4ui-_'), minLength: 2, maxLength: 8 })
  .chain((text) =>
    fc.integer({ min: 1, max: text.length - 1 }).map((cut) => ({
      database: text.slice(0, cut),
      channel: text.slice(cut),
    })),
  );

const TOKEN = /^[^\s.*>]+$/u;

/** What a NATS server would take amiss in a token: white space, control characters, dots and wildcards. */
const isLegalToken = (token: string): boolean =>
  TOKEN.test(token) && [...token].every((letter) => letter > ' ' && letter !== '\u007f');

describe('a subject', () => {
  test('decodes to the names that it encodes', () => {
    fc.assert(
      fc.property(names, (pair) => {
        expect(decodeSubject('bus', subjectOf(pair))).toEqual(O.some(pair));
      }),
      { numRuns: 1000 },
    );
  });

  test('is another one for other names', () => {
    fc.assert(
      fc.property(alike, alike, (one, other) => {
        const same = one.database === other.database && one.channel === other.channel;
        expect(subjectOf(one) === subjectOf(other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  test('is legal: its prefix and two tokens, without white space, control or wildcards', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('bus', 'a.b', 'x-1.y_2'), (pair, prefix) => {
        const subject = encodeSubject(prefix, pair.database, pair.channel);
        const tokens = subject.slice(prefix.length + 1).split('.');
        expect(subject.startsWith(`${prefix}.`)).toBe(true);
        expect(tokens.map(isLegalToken)).toEqual([true, true]);
      }),
      { numRuns: 1000 },
    );
  });

  test('leaves 300 bytes of a protocol line of 4,096, whatever names of 1,024 bytes hold', () => {
    fc.assert(
      fc.property(longestName, longestName, (one, other) => {
        expect([one, other].map((text) => Buffer.byteLength(text))).toEqual([1024, 1024]);
        const subject = subjectOf({ database: one, channel: other });
        expect(Buffer.byteLength(subject)).toBeLessThanOrEqual(4096 - 300);
      }),
    );
  });

  test('of another prefix decodes to none', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('bus', 'bu', 'bus.x', 'BUS', ''), (pair, prefix) => {
        const subject = encodeSubject('bus2', pair.database, pair.channel);
        expect(decodeSubject(prefix, subject)).toEqual(O.none);
      }),
    );
  });
});

describe('a subject that is not the one of its names', () => {
  test('decodes to none, whatever it is', () => {
    const token = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'abE2%~'),
        fc.constantFrom('%2E', '%2e', '%41', '%~', '%C3%A9', '%FF', '%20', ' ', 'é', '\u0000'),
      ),
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 4 }), (tokens) => {
        const subject = ['bus', ...tokens].join('.');
        const decoded = decodeSubject('bus', subject);
        if (O.isSome(decoded)) expect(subjectOf(decoded.value)).toBe(subject);
      }),
      { numRuns: 2000 },
    );
  });

  test('decodes to none when its escapes are in lower case', () => {
    fc.assert(
      fc.property(names, (pair) => {
        const subject = subjectOf(pair);
        const lower = subject.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
        fc.pre(lower !== subject);
        expect(decodeSubject('bus', lower)).toEqual(O.none);
      }),
    );
  });

  test('decodes to none when it escapes more than it must', () => {
    fc.assert(
      fc.property(names, fc.nat(), (pair, place) => {
        const [, one = '', other = ''] = subjectOf(pair).split('.');
        const letter = [...one][place % [...one].length] ?? '';
        fc.pre(letter !== '%' && !one.startsWith('%~'));
        const escaped = [...Buffer.from(letter)].map((byte) => `%${byte.toString(16)}`).join('');
        const longer = one.replace(letter, escaped.toUpperCase());
        expect(decodeSubject('bus', `bus.${longer}.${other}`)).toEqual(O.none);
      }),
    );
  });

  test('decodes to none when it is base64 where escapes would do', () => {
    fc.assert(
      fc.property(names, (pair) => {
        const [, one = '', other = ''] = subjectOf(pair).split('.');
        fc.pre(!other.startsWith('%~'));
        const base64 = Buffer.from(pair.channel).toString('base64url');
        expect(decodeSubject('bus', `bus.${one}.%~${base64}`)).toEqual(O.none);
      }),
    );
  });

  test('decodes to none when it is base64 spelled in another way', () => {
    fc.assert(
      fc.property(longestName, fc.constantFrom('=', 'A', '!', ''), (text, more) => {
        const base64 = Buffer.from(text).toString('base64url');
        const canonical = subjectOf({ database: 'prod', channel: text });
        const subject = `bus.prod.%~${base64}${more}`;
        const decoded = decodeSubject('bus', subject);
        expect(O.isSome(decoded)).toBe(subject === canonical);
      }),
    );
  });
});
