/**
 * A question that many ask: each answer is of a moment after it was asked for.
 */
import { expect, test } from 'vitest';
import { askingAnew } from '../../../src/log/ask.ts';
import { settle } from '../../support/bus-fixture.ts';

/** A question whose answers the test gives, in the order in which they were asked for. */
const asked = () => {
  const answers: Array<(answer: number | Error) => void> = [];
  const ask = askingAnew(
    () =>
      new Promise<number>((resolve, reject) =>
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
      ),
  );
  return { ask, answers };
};

test('who asks while it is on its way gets the next answer, and shares it', async () => {
  const { ask, answers } = asked();
  const [first, second, third] = [ask(), ask(), ask()];
  expect(answers).toHaveLength(1);
  answers[0]?.(1);
  expect(await first).toBe(1);
  await settle();
  expect(answers).toHaveLength(2);
  const fourth = ask();
  answers[1]?.(2);
  expect([await second, await third]).toEqual([2, 2]);
  await settle();
  answers[2]?.(3);
  expect(await fourth).toBe(3);
});

test('a failure is of those who asked the question that failed', async () => {
  const { ask, answers } = asked();
  const [first, second] = [ask(), ask()];
  answers[0]?.(new Error('test'));
  await expect(first).rejects.toThrow('test');
  await settle();
  answers[1]?.(2);
  expect(await second).toBe(2);
});
