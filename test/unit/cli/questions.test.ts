/**
 * Questions between processes, of which some are never answered.
 */
import { expect, test } from 'vitest';
import { Questions } from '../../../src/cli/questions.ts';
import { testClock } from '../../support/clock.ts';

const TIMEOUT_MS = 1000;

const start = () => {
  const clock = testClock();
  const sent: Array<number> = [];
  const questions = new Questions<string>(clock, TIMEOUT_MS);
  return { clock, sent, questions, ask: () => questions.ask((ask) => sent.push(ask)) };
};

test('an answer goes to the question whose number it bears', async () => {
  const { sent, questions, ask } = start();
  const answers = [ask(), ask()];
  const [first = 0, second = 0] = sent;
  questions.answer(second, 'b');
  questions.answer(first, 'a');
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
});

test('questions that nobody will answer end at once', async () => {
  const { clock, questions, ask } = start();
  const answers = [ask(), ask()];
  questions.giveUp();
  expect(await Promise.all(answers)).toEqual([undefined, undefined]);
  expect(clock.pending()).toBe(0);
});

test('a question without an answer ends with its time, and what comes later is nobody’s', async () => {
  const { clock, sent, questions, ask } = start();
  const answer = ask();
  clock.advance(TIMEOUT_MS);
  expect(await answer).toBeUndefined();
  questions.answer(sent[0] ?? 0, 'late');
  const next = ask();
  questions.answer(sent[1] ?? 0, 'next');
  expect(await next).toBe('next');
});
