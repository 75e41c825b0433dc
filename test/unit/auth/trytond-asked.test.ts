/**
 * When trytond is asked about a session, what about, and how often: a session is what it looks at, however it is written.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { ENDED, HOLDS } from '../../../src/auth/trytond-verdict.ts';
import { databaseOf } from '../../support/arbitrary.ts';
import {
  ADA,
  BOB,
  SETTINGS,
  sessionOf,
  type Ticket,
  type TrytondWorld,
  trytondWorld,
} from '../../support/trytond-fake.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

let world: TrytondWorld;

beforeEach(() => {
  world = trytondWorld();
});

describe('trytond is asked', () => {
  test('with the database, what the header says, and the address of who polls', async () => {
    await world.poll(ADA, sessionOf(ADA, 'ada'), '192.0.2.1');
    expect(world.trytond.questions).toEqual([
      {
        database: 'prod',
        credentials: { _tag: 'Session', login: 'ada', user: '7', key: 'k' },
        address: '192.0.2.1',
      },
    ]);
  });

  test('again as whoever polled it last asked', async () => {
    const poll = await world.poll(ADA, sessionOf(ADA, 'ada'), '192.0.2.1');
    await world.trytond.answer(HOLDS);
    poll.hangUp();
    world.clock.advance(SETTINGS.ttlMs);
    await world.poll(ADA, sessionOf(ADA, 'Ada'), '192.0.2.2');
    await world.trytond.answer(HOLDS);
    world.clock.advance(SETTINGS.ttlMs + 100);
    const [, second, third] = world.trytond.questions;
    expect(third).toEqual(second);
    expect(third).toMatchObject({ credentials: { login: 'Ada' }, address: '192.0.2.2' });
  });

  test('and publishing is not open because of it', () => {
    expect(world.sessions.trusting).toBe(false);
  });

  test('once, however many polls of a session wait, and all of them are told', async () => {
    const polls = await Promise.all(Array.from({ length: 1000 }, () => world.poll(ADA)));
    expect(world.trytond.questions).toHaveLength(1);
    await world.trytond.answer(HOLDS);
    expect(new Set(polls.map(({ state }) => state))).toEqual(new Set(['held']));
  });

  test.each<[what: string, header: string]>([
    ['with another login', sessionOf(ADA, 'anybody')],
    ['with zeros before the user', `Session ${base64('admin:007:k')}`],
    ['in other letters', sessionOf(ADA).replace('Session', 'session')],
    ['without padding', sessionOf(ADA, 'ad').replace(/=+$/, '')],
  ])('about a session no other time when it is written %s', async (_, header) => {
    await world.held(ADA);
    expect((await world.poll(ADA, header)).state).toBe('held');
    expect(world.trytond.questions).toHaveLength(1);
  });

  test.each<[what: string, other: Ticket]>([
    ['database', { ...ADA, database: 'test' }],
    ['user', { ...ADA, user: '70' }],
    ['key', { ...ADA, key: 'kk' }],
    ['key, where the rest of it begins another database', { ...ADA, key: 'k:x', database: 'y' }],
  ])('apart about a session of another %s', async (_, other) => {
    const ADAS = other.key === 'k:x' ? { ...ADA, database: 'x:y' } : ADA;
    await world.held(ADAS);
    expect(await world.stateOf(other)).toBe('waiting');
    await world.trytond.answer(ENDED);
    expect(await world.stateOf(ADAS)).toBe('held');
  });

  test('about one session whether or not it answers about another', async () => {
    await world.poll(ADA);
    await world.held(BOB);
  });

  test.each<[what: string, header: string | undefined, state: string]>([
    ['a password', `Basic ${base64('ada:secret')}`, 'BasicAuthorization'],
    ['nothing', undefined, 'Unauthorized'],
    ['a token', 'Bearer token', 'Unauthorized'],
    ['a session without a key', `Session ${base64('ada:7:')}`, 'Unauthorized'],
    ['a user who is no number', `Session ${base64('ada:x:k')}`, 'Unauthorized'],
    ['a user beyond its numbers', `Session ${base64('ada:2147483648:k')}`, 'Unauthorized'],
    ['a key beyond its letters', `Session ${base64('ada:7:é')}`, 'Unauthorized'],
    ['a key of two words', `Session ${base64('ada:7:k k')}`, 'Unauthorized'],
    ['a key of two lines', `Session ${base64('ada:7:k\n')}`, 'Unauthorized'],
  ])('nothing about %s', async (_, header, state) => {
    const { sessions, trytond } = world;
    const checked = await sessions.check(databaseOf('prod'), header, undefined);
    expect(checked).toMatchObject({ left: { _tag: state } });
    expect(trytond.questions).toEqual([]);
  });

  test('about the last user that it can have', async () => {
    await world.held({ ...ADA, user: '2147483647' });
  });
});
