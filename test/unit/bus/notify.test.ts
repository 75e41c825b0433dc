import { describe, expect, test } from 'vitest';
import { badRequest } from '../../../src/bus/errors.ts';
import { type Context, notify } from '../../../src/bus/notify.ts';
import { E } from '../../../src/fp.ts';
import { clientOf, rightOf, userOf } from '../../support/arbitrary.ts';

const CONTEXT: Context = { client: clientOf('c0'), user: userOf('7') };

const channel = (args: object, context: Context = {}) =>
  rightOf(notify({ title: 'Hello', ...args }, context)).channel;

const refused = (value: unknown) => {
  const result = notify(value, CONTEXT);
  return E.isLeft(result) ? [result.left.code, result.left.path, result.left.reason] : [];
};

describe('a notification', () => {
  test('has the type that clients read and the kind that is specified', () => {
    expect(notify({ title: 'Hello', body: 'World', priority: 3, user: 1 })).toEqual(
      E.right({
        channel: 'user:1',
        notification: {
          type: 'notification',
          kind: 'notification',
          title: 'Hello',
          body: 'World',
          priority: 3,
        },
      }),
    );
  });

  test('has no body and priority 1 when none are given', () => {
    expect(rightOf(notify({ title: 'Hello' }, CONTEXT)).notification).toEqual({
      type: 'notification',
      kind: 'notification',
      title: 'Hello',
      body: null,
      priority: 1,
    });
  });

  test('may say that it has no body', () => {
    expect(rightOf(notify({ title: 'a', body: null }, CONTEXT)).notification.body).toEqual(null);
    expect(rightOf(notify({ title: 'a', body: '' }, CONTEXT)).notification.body).toEqual('');
  });

  test.each([0, 1, 2, 3])('may have priority %i', (priority) => {
    const { notification } = rightOf(notify({ title: 'a', priority }, CONTEXT));
    expect(notification.priority).toEqual(priority);
  });
});

describe('a notification goes', () => {
  test.each<[string, object, Context, string]>([
    ['to the client that is given', { client: 'c1' }, {}, 'client:c1'],
    ['to the client alone when a user is given too', { client: 'c1', user: 1 }, {}, 'client:c1'],
    ['to the user that is given', { user: 1 }, {}, 'user:1'],
    ['to user 0', { user: 0 }, {}, 'user:0'],
    ['to a user by a text', { user: 'auth0|5f' }, {}, 'user:auth0|5f'],
    ['to the user that is given before any context', { user: 1 }, CONTEXT, 'user:1'],
    ['to the client of the context before its user', {}, CONTEXT, 'client:c0'],
    ['to the user of the context', {}, { user: userOf('7') }, 'user:7'],
    ['past arguments that are null', { client: null, user: 1 }, CONTEXT, 'user:1'],
    ['to the context when all are null', { client: null, user: null }, CONTEXT, 'client:c0'],
  ])('%s', (_, args, context, expected) => {
    expect(channel(args, context)).toEqual(expected);
  });

  test('nowhere without a client, a user and a context: that is an error', () => {
    expect(notify({ title: 'Hello' })).toEqual(
      E.left(badRequest('invalid_request', 'user', 'should be given, or client')),
    );
  });
});

describe('a notification is refused', () => {
  test.each<[string, unknown, string, string]>([
    ['without a title', {}, 'title', 'should be one line of text'],
    ['with an empty title', { title: '' }, 'title', 'should be one line of text'],
    ['with a blank title', { title: ' \t' }, 'title', 'should be one line of text'],
    ['with a title of two lines', { title: 'a\nb' }, 'title', 'should be one line of text'],
    [
      'with a title of two lines of unicode',
      { title: 'a\u2028b' },
      'title',
      'should be one line of text',
    ],
    ['with a title that is a number', { title: 1 }, 'title', 'should be one line of text'],
    [
      'with priority 4',
      { title: 'a', priority: 4 },
      'priority',
      'should be whole number from 0 to 3',
    ],
    [
      'with priority -1',
      { title: 'a', priority: -1 },
      'priority',
      'should be whole number from 0 to 3',
    ],
    [
      'with priority 1.5',
      { title: 'a', priority: 1.5 },
      'priority',
      'should be whole number from 0 to 3',
    ],
    [
      'with a priority that is null',
      { title: 'a', priority: null },
      'priority',
      'should be whole number from 0 to 3',
    ],
    ['with a body that is an object', { title: 'a', body: {} }, 'body', 'should be text or null'],
    ['with an empty client', { title: 'a', client: '' }, 'client', 'should be client id'],
    ['with an empty user', { title: 'a', user: '' }, 'user', 'should be user id'],
    ['with a user below 0', { title: 'a', user: -1 }, 'user', 'should be user id'],
    ['with a user of a fraction', { title: 'a', user: 1.5 }, 'user', 'should be user id'],
    ['when it is a list', [], '', 'should be object'],
    ['when it is null', null, '', 'should be object'],
  ])('%s, and says where', (_, value, path, reason) => {
    expect(refused(value)).toEqual(['invalid_request', path, reason]);
  });
});
