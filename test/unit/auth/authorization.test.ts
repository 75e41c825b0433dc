import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAuthorization, sessionHeader } from '../../../src/auth/authorization.ts';
import { anyText, userOf } from '../../support/arbitrary.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  [
    'a session',
    `Session ${base64('ada:7:key')}`,
    { _tag: 'Session', login: 'ada', user: '7', key: 'key' },
  ],
  ['a scheme in any case', `sEsSiOn ${base64('ada:7:key')}`, { _tag: 'Session', user: '7' }],
  ['a key with colons', `Session ${base64('ada:7:a:b')}`, { _tag: 'Session', key: 'a:b' }],
  [
    'a user as the number it is',
    `Session ${base64('ada:007:key')}`,
    { _tag: 'Session', user: '7' },
  ],
  ['the user 0', `Session ${base64('ada:0:key')}`, { _tag: 'Session', user: '0' }],
  ['a password', `Basic ${base64('ada:secret')}`, { _tag: 'Basic' }],
  ['a token', 'Bearer secret', { _tag: 'Bearer', token: 'secret' }],
])('an Authorization header says %s', (_, header, credentials) => {
  expect(decodeAuthorization(header)).toMatchObject(credentials);
});

test.each([
  [undefined],
  [''],
  ['Session'],
  ['Session !!!'],
  [`Session ${base64('ada:7')}`],
  [`Session ${base64('ada:seven:key')}`],
  [`Session ${base64('ada:7:')}`],
  [`Digest ${base64('ada:7:key')}`],
])('the header %j says nothing', (header) => {
  expect(decodeAuthorization(header)).toEqual({ _tag: 'None' });
});

test('what a session’s header says is what the header was made of', () => {
  const credentials = fc.record({
    _tag: fc.constant('Session' as const),
    login: anyText.map((text) => text.replaceAll(':', '')),
    user: fc.nat().map((number) => userOf(String(number))),
    key: anyText.filter((text) => text !== ''),
  });
  fc.assert(
    fc.property(credentials, (session) => {
      expect(decodeAuthorization(sessionHeader(session))).toEqual(session);
    }),
  );
});

test('any header at all says something, or nothing', () => {
  const header = fc
    .tuple(fc.constantFrom('Session', 'Basic', 'Bearer', 'x'), fc.string(), fc.base64String())
    .map(([scheme, text, base64]) => [`${scheme} ${text}`, `${scheme} ${base64}`, text]);
  fc.assert(
    fc.property(header, (headers) => {
      for (const each of headers) decodeAuthorization(each);
    }),
  );
});

test.each([
  ['zeros', `a:${'0'.repeat(12_000)}x`],
  ['digits', `a:${'1'.repeat(12_000)}x`],
  ['colons', ':'.repeat(12_000)],
])('a header as long as there may be, of %s, costs nothing', (_, text) => {
  const header = `Session ${base64(text)}`;
  const times = Array.from({ length: 20 }, () => {
    const begin = performance.now();
    expect(decodeAuthorization(header)).toEqual({ _tag: 'None' });
    return performance.now() - begin;
  });
  expect(Math.min(...times)).toBeLessThan(20);
});
