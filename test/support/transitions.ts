/**
 * Every transition of a connection, written down by hand: what the machine is held against, so that one taken out of it is
 * missed by somebody.
 */
import type { ConnectionEventType } from '../../src/connection/event.ts';
import type { Effect } from '../../src/connection/machine.ts';

export type Transition = readonly [
  from: string,
  event: ConnectionEventType,
  to: string,
  effects: ReadonlyArray<Effect>,
];

export const EVENT_TYPES: ReadonlyArray<ConnectionEventType> = [
  'ADMITTED',
  'REFUSED',
  'FOUND',
  'NOTHING',
  'FAILED',
  'ARRIVED',
  'DEADLINE',
  'DRAIN',
  'SESSION_ENDED',
  'LOG_RESET',
  'HANGUP',
  'WRITTEN',
];

export const TRANSITIONS: ReadonlyArray<Transition> = [
  ['idle', 'ADMITTED', 'waiting.reading', ['arm', 'read']],
  ['idle', 'REFUSED', 'responding', ['refuse']],
  ['idle', 'HANGUP', 'closed', ['release']],
  ['waiting.reading', 'FOUND', 'responding', ['disarm', 'answer']],
  ['waiting.reading', 'NOTHING', 'waiting.parked', ['park']],
  ['waiting.reading', 'FAILED', 'waiting.reading', ['retry']],
  ['waiting.reading', 'DEADLINE', 'responding', ['disarm', 'answerNothing']],
  ['waiting.reading', 'DRAIN', 'responding', ['disarm', 'answerNothing']],
  ['waiting.reading', 'SESSION_ENDED', 'responding', ['disarm', 'answerNothing']],
  ['waiting.reading', 'LOG_RESET', 'waiting.reading', ['read']],
  ['waiting.reading', 'HANGUP', 'closed', ['disarm', 'release']],
  ['waiting.parked', 'ARRIVED', 'responding', ['unpark', 'disarm', 'answer']],
  ['waiting.parked', 'DEADLINE', 'responding', ['unpark', 'disarm', 'answerNothing']],
  ['waiting.parked', 'DRAIN', 'responding', ['unpark', 'disarm', 'answerNothing']],
  ['waiting.parked', 'SESSION_ENDED', 'responding', ['unpark', 'disarm', 'answerNothing']],
  ['waiting.parked', 'LOG_RESET', 'waiting.reading', ['unpark', 'read']],
  ['waiting.parked', 'HANGUP', 'closed', ['unpark', 'disarm', 'release']],
  ['responding', 'WRITTEN', 'closed', ['release']],
  ['responding', 'HANGUP', 'closed', ['release']],
];
