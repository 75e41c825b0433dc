import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENDED, HOLDS, verdictOf } from '../../../src/auth/trytond-verdict.ts';

const TRYTONDS = 'Basic realm="Tryton"';

const status = fc.integer({ min: 100, max: 599 });
const challenge = fc.oneof(
  fc.constantFrom(undefined, TRYTONDS, 'Basic realm="nginx"', 'basic realm="Tryton"', 'Negotiate'),
  fc.string(),
);

describe('trytond’s answer', () => {
  test.each([308, 501])('says with %i that a session holds, whatever its headers', (good) => {
    fc.assert(fc.property(challenge, (any) => verdictOf(good, any, undefined) === HOLDS));
  });

  test('says with the mark of the plug-in that a session holds', () => {
    expect(verdictOf(503, undefined, 'holds')).toEqual(HOLDS);
    expect(verdictOf(503, undefined, 'something')).toMatchObject({ _tag: 'Unknown' });
  });

  test('says with its own 401 that a session has ended', () => {
    expect(verdictOf(401, TRYTONDS, undefined)).toEqual(ENDED);
  });

  test('says with anything else why it is not known', () => {
    const other = fc
      .tuple(status, challenge)
      .filter(([code, said]) => ![308, 501].includes(code) && !(code === 401 && said === TRYTONDS));
    fc.assert(
      fc.property(other, ([code, said]) => {
        expect(verdictOf(code, said, undefined)).toEqual({
          _tag: 'Unknown',
          reason: expect.stringContaining(String(code)),
        });
      }),
    );
  });

  test.each([
    [200, 'its own bus'],
    [401, 'what stands before it'],
    [404, 'no bus at that address'],
    [500, 'no such database'],
    [508, 'Jetbus itself'],
  ])('is told with what may be the matter when it is %i', (code, words) => {
    expect(verdictOf(code, undefined, undefined)).toMatchObject({
      reason: expect.stringContaining(words),
    });
  });
});
