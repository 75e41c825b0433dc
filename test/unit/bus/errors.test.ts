import * as t from 'io-ts';
import { describe, expect, test } from 'vitest';
import {
  badRequest,
  busDisabled,
  closed,
  conflict,
  invalidRequest,
  logUnavailable,
  tooLarge,
  unauthorized,
  describe as words,
} from '../../../src/bus/errors.ts';
import { E } from '../../../src/fp.ts';

describe('an error is a value', () => {
  test.each([
    [badRequest('invalid_message', 'a.1', 'should be x'), 'BadRequest'],
    [unauthorized, 'Unauthorized'],
    [busDisabled, 'BusDisabled'],
    [conflict(7), 'Conflict'],
    [tooLarge(1024), 'TooLarge'],
    [logUnavailable('no answer'), 'LogUnavailable'],
    [closed, 'Closed'],
  ])('%j', (error, tag) => {
    expect(JSON.parse(JSON.stringify(error))).toEqual(error);
    expect(error._tag).toEqual(tag);
  });
});

describe('what a decoder refuses', () => {
  const Codec = t.type({ list: t.array(t.string, 'list of strings') }, 'object');

  test.each([
    ['the whole', null, '', 'should be object'],
    ['a member', { list: 1 }, 'list', 'should be list of strings'],
    ['an item', { list: ['a', 1, 2] }, 'list.1', 'should be string'],
  ])('is named by the path of the first culprit: %s', (_, value, path, reason) => {
    const decoded = Codec.decode(value);
    expect(E.isLeft(decoded) && invalidRequest(decoded.left)).toEqual(
      badRequest('invalid_request', path, reason),
    );
  });

  test('without any error is still a value', () => {
    expect(invalidRequest([])).toEqual(badRequest('invalid_request', '', 'should be other'));
  });
});

describe('an error in words', () => {
  test.each([
    [badRequest('invalid_message', 'a.1', 'should be x'), 'a.1 should be x'],
    [badRequest('invalid_json', '', 'should be UTF-8'), 'should be UTF-8'],
  ])('names the place: %j', (error, text) => {
    expect(words(error)).toEqual(text);
  });

  test.each([
    [conflict(1042), '1042'],
    [tooLarge(1024), '1024'],
    [logUnavailable('no answer'), 'no answer'],
    [{ _tag: 'SessionsUnavailable', reason: 'no route' } as const, 'no route'],
  ])('says what is known: %j', (error, fact) => {
    expect(words(error)).toContain(fact);
  });
});
