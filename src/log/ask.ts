/**
 * Ways to ask a log: where there is nobody to hand an error to but the caller's caller, so that an answer comes or a `LogFailure` is
 * thrown, and where many ask the same.
 */
import type { Stored } from '../bus/entry.ts';
import { describe, type LogUnavailable } from '../bus/errors.ts';
import type { Sequence } from '../bus/names.ts';
import { E, type TE } from '../fp.ts';
import type { Log } from './log.ts';

/** A `LogUnavailable` as an exception. */
export class LogFailure extends Error {
  override readonly name = 'LogFailure';
}

export const ask = async <A>(question: TE.TaskEither<LogUnavailable, A>): Promise<A> => {
  const answer = await question();
  if (E.isLeft(answer)) throw new LogFailure(describe(answer.left));
  return answer.right;
};

/**
 * A question whose every answer is of a moment after it was asked for: one for all who ask until it is sent. An answer that is on its
 * way already may be older than what somebody knows who asks now.
 */
export const askingAnew = <A>(question: () => Promise<A>): (() => Promise<A>) => {
  let asking: Promise<A> | undefined;
  let next: Promise<A> | undefined;
  const anew = (): Promise<A> => {
    if (asking === undefined) {
      asking = question().finally(() => {
        asking = undefined;
      });
      return asking;
    }
    next ??= asking
      .catch(() => {})
      .then(() => {
        next = undefined;
        return anew();
      });
    return next;
  };
  return anew;
};

/** Records that one read brings, at most. */
const STRETCH = 500;

/** Every record after a sequence, in order, up to where the log ends by then; no more are held than one read brings. */
export async function* storedAfter(
  log: Pick<Log, 'read'>,
  after: Sequence,
  stretch: number = STRETCH,
): AsyncGenerator<Stored> {
  for (let position = after; ; ) {
    const records = await ask(log.read(position, stretch));
    const last = records.at(-1);
    if (last === undefined) return;
    yield* records;
    position = E.toUnion(last).sequence;
  }
}
