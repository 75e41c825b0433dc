import { describe, expect, test } from 'vitest';
import { O } from '../../../src/fp.ts';
import { decodeSubject, encodeSubject, isSubjectPrefix } from '../../../src/log/subject.ts';
import { channelOf, databaseOf } from '../../support/arbitrary.ts';

const encode = (database: string, channel: string, prefix = 'bus') =>
  encodeSubject(prefix, databaseOf(database), channelOf(channel));

const DOTS = '.'.repeat(1024);

describe('the subject of a channel', () => {
  test.each([
    ['is readable for ordinary names', 'prod', 'user:1', 'bus.prod.user:1'],
    ['is readable for a client', 'prod', 'client:0f-3a', 'bus.prod.client:0f-3a'],
    ['escapes a space and a dot', 'my db', 'a.b', 'bus.my%20db.a%2Eb'],
    ['escapes wildcards', '*', '>', 'bus.%2A.%3E'],
    ['escapes the sign of escapes', 'a%2Eb', '%', 'bus.a%252Eb.%25'],
    ['escapes what could be taken for base64', '%~Lg', '~Lg', 'bus.%25~Lg.~Lg'],
    ['escapes control characters', '\u0000\t', '\r\n\u007f', 'bus.%00%09.%0D%0A%7F'],
    ['escapes white space of unicode by bytes', '\u00a0', '\u2028', 'bus.%C2%A0.%E2%80%A8'],
    ['escapes a byte order mark and U+0085', '\ufeff', '\u0085', 'bus.%EF%BB%BF.%C2%85'],
    ['keeps other letters', 'é', '語😀', 'bus.é.語😀'],
    ['keeps what a shell or JSON would not', '"\\/', "$'`", 'bus."\\/.$\'`'],
    ['keeps 1,024 letters', 'x', 'y'.repeat(1024), `bus.x.${'y'.repeat(1024)}`],
    ['has escapes up to 1,366 bytes', 'x', '.'.repeat(455), `bus.x.${'%2E'.repeat(455)}`],
    ['is base64 beyond', 'x', '.'.repeat(456), `bus.x.%~${'Li4u'.repeat(152)}`],
    ['is base64 without padding', 'x', DOTS, `bus.x.%~${'Li4u'.repeat(341)}Lg`],
  ])('%s', (_, database, channel, subject) => {
    expect(encode(database, channel)).toEqual(subject);
    expect(decodeSubject('bus', subject)).toEqual(O.some({ database, channel }));
  });

  test('begins with the prefix, which may have dots', () => {
    expect(encode('prod', 'x', 'acme.bus')).toEqual('acme.bus.prod.x');
    expect(decodeSubject('acme.bus', 'acme.bus.prod.x')).toEqual(
      O.some({ database: 'prod', channel: 'x' }),
    );
  });
});

describe('a subject is of no channel', () => {
  test.each([
    ['when it has another prefix', 'sub.prod.x'],
    ['when its prefix only begins alike', 'bus2.prod.x'],
    ['when it has one token', 'bus.prod'],
    ['when it has three tokens', 'bus.prod.a.b'],
    ['when it has an empty token', 'bus..x'],
    ['when it ends in a dot', 'bus.prod.'],
    ['when it is the prefix alone', 'bus'],
    ['when an escape is in lower case', 'bus.prod.a%2eb'],
    ['when a letter is escaped that need not be', 'bus.prod.%41'],
    ['when an escaped letter is beyond ASCII', 'bus.prod.%C3%A9'],
    ['when an escape is cut short', 'bus.prod.a%2'],
    ['when an escape is no hexadecimal', 'bus.prod.%GG'],
    ['when the escaped bytes are no UTF-8', 'bus.prod.%FF'],
    ['when the escaped bytes are half a surrogate pair', 'bus.prod.%ED%A0%80'],
    ['when it is base64 where escapes would do', 'bus.prod.%~Lg'],
    ['when it is base64 of nothing', 'bus.prod.%~'],
    ['when it is padded base64', `bus.prod.%~${'Li4u'.repeat(341)}Lg==`],
    ['when its base64 has a bit too many', `bus.prod.%~${'Li4u'.repeat(341)}Lh`],
    ['when its base64 is of 1,025 bytes', `bus.prod.%~${'Li4u'.repeat(341)}Li4`],
    ['when its name is of 1,025 bytes', `bus.prod.${'x'.repeat(1025)}`],
    ['when it has a space', 'bus.prod.a b'],
    ['when it has a wildcard', 'bus.prod.*'],
  ])('%s', (_, subject) => {
    expect(decodeSubject('bus', subject)).toEqual(O.none);
  });
});

describe('a prefix of subjects', () => {
  test.each(['bus', 'acme.bus', 'a-1.b_2.C'])('may be %s', (prefix) => {
    expect(isSubjectPrefix(prefix)).toEqual(true);
  });

  test.each(['', '.', 'bus.', '.bus', 'a..b', 'a b', 'bus.*', '>', 'é', '$JS', 'bus\n'])(
    'may not be %j',
    (prefix) => {
      expect(isSubjectPrefix(prefix)).toEqual(false);
    },
  );
});
