import { expect, test } from 'vitest';
import { decodeAuthorization } from '../../../src/auth/authorization.ts';

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
