import { describe, expect, test } from 'vitest';
import type { BusError } from '../../src/bus/errors.ts';
import { E } from '../../src/fp.ts';
import type { Sessions } from '../../src/ports.ts';
import { TestSessions } from '../support/bus-fixture.ts';
import { type Answer, session } from '../support/http.ts';
import { deliveryOf, EMPTY, idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const NO_SESSIONS: ReadonlyArray<readonly [what: string, header: string | undefined]> = [
  ['no Authorization', undefined],
  ['an empty one', ''],
  ['a scheme alone', 'Session'],
  ['a scheme and white space', 'Session '],
  ['no scheme', base64('admin:1:key')],
  ['junk for a session', 'Session !!!'],
  ['a session that is not packed', 'Session admin:1:key'],
  ['a session without a key', `Session ${base64('admin:1')}`],
  ['a session with an empty key', `Session ${base64('admin:1:')}`],
  ['a session without a user', `Session ${base64('admin::key')}`],
  ['a session of a user that is no number', `Session ${base64('admin:x1:key')}`],
  ['a session of a user below zero', `Session ${base64('admin:-1:key')}`],
  ['a session and more', `${session(1)} more`],
  ['two sessions', `${session(1)}, ${session(2)}`],
  ['a token', 'Bearer token'],
  ['another scheme', `Digest ${base64('admin:1:key')}`],
];

const refuseWith = (error: BusError): Sessions => ({
  trusting: false,
  check: () => E.left(error),
});

const expectUnauthorized = (answer: Answer): void => {
  expect(answer.status).toBe(401);
  expect(answer.bytes).toHaveLength(0);
  expect(answer.headers['content-length']).toBe('0');
};

export const describeAuthorization = (start: StartBus): void => {
  describe('a poll with', () => {
    const bus = useBus(start);

    test.each(NO_SESSIONS)('%s is refused with 401, without a word', async (_, header) => {
      const answer = await bus.poll({ channels: ['c'] }, { Authorization: header });
      expectUnauthorized(answer);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="Tryton"');
    });

    test.each(NO_SESSIONS)('%s is not asked for a password by XHR', async (_, header) => {
      const headers = { Authorization: header, 'X-Requested-With': 'XMLHttpRequest' };
      const answer = await bus.poll({ channels: ['c'] }, headers);
      expectUnauthorized(answer);
      expect(answer.headers).not.toHaveProperty('www-authenticate');
    });

    test.each(['session', 'SESSION', 'sEsSiOn'])('the scheme %s is a session', async (scheme) => {
      const id = await bus.publish('user:7', '{}');
      const answer = await bus.poll({}, { Authorization: `${scheme} ${base64('admin:7:key')}` });
      expect(idOf(answer)).toBe(id);
    });

    test.each([
      ['no login', ':7:key'],
      ['a login of any letters', 'é 漢字:7:key'],
      ['a key of any letters', 'admin:7:a:b:=é'],
    ])('a session of %s is one', async (_, text) => {
      const id = await bus.publish('user:7', '{}');
      const answer = await bus.poll({}, { Authorization: `Session ${base64(text)}` });
      expect(deliveryOf(answer)).toEqual({ message: { message_id: id }, channel: 'user:7' });
    });

    test('neither a session nor a body that it can have is told of the session first', async () => {
      for (const body of ['', '[]', '{"channels":5}', Buffer.from([0xff])]) {
        expectUnauthorized(await bus.post('bus', body, { Authorization: undefined }));
      }
    });
  });

  describe('when allow_subscribe is off, a poll', () => {
    const bus = useBus(start, { allowSubscribe: false });

    test('is refused with 501', async () => {
      const answer = await bus.poll({ channels: ['c'] });
      expect(refusalOf(answer, 501)).toMatchObject({ code: 'bus_disabled' });
    });

    test('without a session is refused with 401', async () => {
      expectUnauthorized(await bus.poll({ channels: ['c'] }, { Authorization: undefined }));
      expectUnauthorized(await bus.post('bus', '[]', { Authorization: 'Session x' }));
    });

    test('with a body that it cannot have is refused with 501', async () => {
      for (const body of ['', '[]', '{"channels":5}', Buffer.from([0xff])]) {
        refusalOf(await bus.post('bus', body), 501);
      }
    });
  });

  describe('when the sessions cannot be asked, a poll', () => {
    const bus = useBus(start, {
      sessions: refuseWith({ _tag: 'SessionsUnavailable', reason: 'test' }),
    });

    test('is refused with 503, never with 401 or 501', async () => {
      const answer = await bus.poll({ channels: ['c'] });
      expect(refusalOf(answer, 503)).toMatchObject({ code: 'sessions_unavailable' });
    });
  });

  describe('with a right login and password, a poll', () => {
    const bus = useBus(start, { sessions: refuseWith({ _tag: 'BasicAuthorization' }) });

    test('is refused with 400: only a session may poll', async () => {
      const answer = await bus.poll({}, { Authorization: `Basic ${base64('admin:password')}` });
      expect(refusalOf(answer, 400)).toMatchObject({ code: 'session_required' });
    });
  });

  describe('when its session ends, a poll', () => {
    const sessions = new TestSessions();
    const bus = useBus(start, { sessions });

    test('that is held ends with nothing found', async () => {
      const held = bus.poll({ channels: ['c'] }, { Authorization: 'good' });
      await bus.holds(1);
      sessions.endAll();
      const answer = await held;
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(EMPTY);
      await bus.holds(0);
      expect(sessions.listening).toBe(0);
    });
  });
};
