/**
 * Asking a log where there is nobody to hand an error to but the caller's caller: an answer, or a `LogFailure` is thrown.
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
