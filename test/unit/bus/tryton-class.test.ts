import { describe, expect, test } from 'vitest';
import { badRequest } from '../../../src/bus/errors.ts';
import { decodeMessage } from '../../../src/bus/message.ts';
import { whyBroken } from '../../../src/bus/tryton-class.ts';
import { E } from '../../../src/fp.ts';

const decode = (text: string) => decodeMessage(Buffer.from(text));
const of = (name: string, fields: string): string => `{"__class__":"${name}",${fields}}`;

const DAY = '"year":2026,"month":11,"day":24';
const NOON = '"hour":12,"minute":0,"second":0,"microsecond":0';

const WHOLE: ReadonlyArray<string> = [
  of('date', DAY),
  of('date', '"day":29,"month":2,"year":2024'),
  of('date', '"year":1,"month":1,"day":1'),
  of('date', '"year":9999,"month":12,"day":31'),
  of('time', NOON),
  of('time', '"hour":23,"minute":59,"second":59,"microsecond":999999'),
  of('time', '"hour":-0,"minute":0,"second":0,"microsecond":0'),
  of('datetime', `${DAY},${NOON}`),
  of('datetime', `${DAY},${NOON},"tzinfo":"whatever"`),
  of('timedelta', '"seconds":0'),
  of('timedelta', '"seconds":-1.5e3'),
  of('timedelta', '"seconds":86399999913600'),
  of('bytes', '"base64":""'),
  of('bytes', '"base64":"QQ=="'),
  of('bytes', '"base64":"QUJD\\nREVG\\n"'),
  of('Decimal', '"decimal":"-12.50"'),
  of('Decimal', '"decimal":".5E+10"'),
  of('Decimal', '"decimal":"NaN"'),
  of('Decimal', '"decimal":"-Infinity"'),
  of('Decimal', '"decimal":1.5'),
];

const BROKEN: ReadonlyArray<[string, string]> = [
  ['date', of('date', '"year":2026,"month":11')],
  ['date', of('date', '"year":2026,"month":11,"day":31')],
  ['date', of('date', '"year":2023,"month":2,"day":29')],
  ['date', of('date', '"year":1900,"month":2,"day":29')],
  ['date', of('date', '"year":0,"month":1,"day":1')],
  ['date', of('date', '"year":10000,"month":1,"day":1')],
  ['date', of('date', '"year":"2026","month":1,"day":1')],
  ['date', of('date', '"year":2026.0,"month":1,"day":1')],
  ['date', of('date', '"year":2026,"month":1e0,"day":1')],
  ['date', of('date', '"year":null,"month":1,"day":1')],
  ['time', of('time', '"hour":24,"minute":0,"second":0,"microsecond":0')],
  ['time', of('time', '"hour":0,"minute":0,"second":60,"microsecond":0')],
  ['time', of('time', '"hour":0,"minute":0,"second":0,"microsecond":1000000')],
  ['time', of('time', '"hour":0,"minute":0,"second":0')],
  ['datetime', of('datetime', DAY)],
  ['datetime', of('datetime', NOON)],
  ['timedelta', of('timedelta', '"seconds":"1"')],
  ['timedelta', of('timedelta', '"seconds":1E400')],
  ['timedelta', of('timedelta', '"seconds":-86399999913601')],
  ['timedelta', of('timedelta', '"days":1')],
  ['bytes', of('bytes', '"base64":"QQ"')],
  ['bytes', of('bytes', '"base64":"Q==="')],
  ['bytes', of('bytes', '"base64":1')],
  ['bytes', of('bytes', '"data":"QQ=="')],
  ['Decimal', of('Decimal', '"decimal":"12,50"')],
  ['Decimal', of('Decimal', '"decimal":""')],
  ['Decimal', of('Decimal', '"decimal":"."')],
  ['Decimal', of('Decimal', '"decimal":null')],
];

describe('an object of a class of Tryton', () => {
  test.each(WHOLE)('may be %s', (object) => {
    expect(decode(`{"a":${object}}`)).toEqual(E.right(`"a":${object}`));
  });

  test.each(BROKEN)('is a %s that Python cannot make: %s', (name, object) => {
    expect(decode(`{"a":[0,${object}]}`)).toEqual(
      E.left(badRequest('invalid_message', 'a.1', `should be a "${name}" that Python can make`)),
    );
  });

  test.each(WHOLE)('may not be the message itself: %s', (object) => {
    expect(decode(object)).toMatchObject({ left: { code: 'invalid_message', path: '' } });
  });

  test('may be of a class that nobody knows, the message itself too', () => {
    expect(decode(`{"a":${of('Date', '"x":1')}}`)).toEqual(
      E.right('"a":{"__class__":"Date","x":1}'),
    );
    expect(decode(of('toString', '"x":1'))).toEqual(E.right('"__class__":"toString","x":1'));
    expect(decode('{"__class__":["date"]}')).toEqual(E.right('"__class__":["date"]'));
  });

  test('is known in any spelling of the key, the class and the fields', () => {
    expect(E.isLeft(decode('{"a":{"\\u005f_class__":"date"}}'))).toEqual(true);
    expect(E.isLeft(decode('{"a":{"__class__":"\\u0064ate"}}'))).toEqual(true);
    const spelled = '{"a":{"__class__":"bytes","base\\u00364":"QQ\\u003d="}}';
    expect(E.isRight(decode(spelled))).toEqual(true);
  });

  test('is made of the last of a field that comes twice', () => {
    const date = of('date', DAY);
    expect(E.isLeft(decode(`{"a":${date.replace('}', ',"day":32}')}}`))).toEqual(true);
    expect(E.isRight(decode(`{"a":{"day":32,${date.slice(1)}}`))).toEqual(true);
    expect(E.isRight(decode('{"a":{"__class__":"date","__class__":"x"}}'))).toEqual(true);
    expect(E.isLeft(decode('{"a":{"__class__":"x","__class__":"date"}}'))).toEqual(true);
  });

  test('is not made of fields of an object inside it', () => {
    expect(E.isLeft(decode(`{"a":${of('date', `"in":{${DAY}}`)}}`))).toEqual(true);
    expect(E.isRight(decode(`{"a":${of('date', `"in":{"day":32},${DAY}`)}}`))).toEqual(true);
  });

  test('is found inside another one', () => {
    const inner = of('bytes', '"base64":"!"');
    expect(decode(`{"a":${of('date', `"in":[${inner}],${DAY}`)}}`)).toMatchObject({
      left: { path: 'a.in.0' },
    });
  });
});

describe('fields', () => {
  test('without a class are nobody’s harm', () => {
    expect(whyBroken(new Map(), true)).toEqual(undefined);
    expect(whyBroken(new Map([['day', { type: 'number', source: '32' }]]), false)).toEqual(
      undefined,
    );
  });

  test('of a class say what is wrong', () => {
    const fields = new Map([['__class__', { type: 'string', value: 'time' } as const]]);
    expect(whyBroken(fields, false)).toEqual('should be a "time" that Python can make');
    expect(whyBroken(fields, true)).toEqual('should not be a "time" object itself');
  });
});
