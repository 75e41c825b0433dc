/**
 * The one door to fp-ts: in Node's ES modules its folders do not resolve, its files under `lib` do.
 */
export * as E from 'fp-ts/lib/Either.js';
export { pipe } from 'fp-ts/lib/function.js';
export * as O from 'fp-ts/lib/Option.js';
export * as TE from 'fp-ts/lib/TaskEither.js';
