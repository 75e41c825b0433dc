/**
 * What a refused poll is answered with: trytond's challenge, or why a token does not hold.
 */
import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invalidToken, unauthorized } from '../../../src/bus/errors.ts';
import { respondToPoll, respondWithError } from '../../../src/http/respond.ts';
import { anyText } from '../../support/arbitrary.ts';

/** Any half of a character, too. */
const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

const challengeOf = (reason: string, isXhr = false) =>
  respondWithError(invalidToken(reason), isXhr).headers['WWW-Authenticate'] ?? '';

/** As RFC 6750, 3, has it: visible ASCII but for quotation marks and backslashes, and spaces. */
const CHALLENGE =
  /^Bearer realm="Jetbus", error="invalid_token", error_description="([\x20\x21\x23-\x5b\x5d-\x7e]*)"$/;

describe('a session that does not hold', () => {
  test('is answered with trytond’s challenge, and with none for XHR', () => {
    expect(respondWithError(unauthorized, false)).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="Tryton"' },
    });
    expect(respondWithError(unauthorized, true).headers).toEqual({});
    for (const isXhr of [false, true]) {
      expect(respondWithError(unauthorized, isXhr)).toMatchObject({ status: 401 });
      expect(respondWithError(unauthorized, isXhr).body).toHaveLength(0);
    }
  });
});

describe('a token that does not hold', () => {
  test('is told why in what a header can hold, whatever the reason', () => {
    const reason = fc.oneof(
      anyText,
      fc.string({ unit: anyUnit }),
      fc.constant('\r\nSet-Cookie: a'),
    );
    fc.assert(
      fc.property(reason, (words) => {
        const challenge = challengeOf(words);
        expect(challenge).toMatch(CHALLENGE);
        expect(() => validateHeaderValue('WWW-Authenticate', challenge)).not.toThrow();
      }),
    );
  });

  test('is told why in the very words, where they can be', () => {
    const words = fc.string({ unit: fc.constantFrom(...' !#$%&()*+,-./09:;<=>?@AZ[]^_`az{|}~') });
    fc.assert(fc.property(words, (reason) => CHALLENGE.exec(challengeOf(reason))?.[1] === reason));
    expect(challengeOf('"exp" claim\\é')).toContain(`="'exp' claim??"`);
  });

  test('is told why by XHR too, which asks nobody for a password because of it', () => {
    expect(challengeOf('why', true)).toBe(challengeOf('why', false));
  });

  test('has an empty body, as a session has', () => {
    const refused = respondToPoll({ _tag: 'Refused', error: invalidToken('why') }, false);
    expect(refused.status).toBe(401);
    expect(refused.body).toHaveLength(0);
  });
});
