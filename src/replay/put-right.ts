/**
 * A journal with its positions and answers as they should have been, by this code: what a recording of a defect becomes once
 * the defect is mended.
 */
import { E } from '../fp.ts';
import type { JournalRecord } from '../journal/record.ts';
import { emptyFold, type Happening, take } from './fold.ts';
import type { Judge } from './judge.ts';
import type { Diverged } from './verdict.ts';

/** Another event should have been: no other place or answer puts that right. */
export class CannotPutRight extends Error {
  override readonly name = 'CannotPutRight';
}

/** The records, those that are wrong put right; throws `CannotPutRight`, or `LogFailure`. */
export async function* putRight(
  judge: Judge,
  records: AsyncIterable<JournalRecord>,
): AsyncGenerator<JournalRecord> {
  const fold = emptyFold();
  for await (const record of records) {
    let right = record;
    for (const happening of take(fold, E.right(record))) {
      right = { ...right, ...(await rightOf(judge, happening, record)) };
    }
    yield right;
  }
}

/** What of a record should be otherwise, by what it told. */
const rightOf = async (
  judge: Judge,
  happening: Happening,
  record: JournalRecord,
): Promise<Diverged['right']> => {
  const wrong = (await judge.judge(happening)).find(({ verdict }) => verdict._tag === 'Diverged');
  if (wrong?.verdict._tag !== 'Diverged') return undefined;
  const { right, expected, actual } = wrong.verdict;
  if (right === undefined) {
    throw new CannotPutRight(
      `record ${record.n} of run ${record.run} cannot be put right, since another event should have been: expected ${expected}, and it was ${actual}`,
    );
  }
  // What follows is judged from where the poll should have stood.
  if (happening.type === 'placed' && right.place !== undefined) {
    happening.connection.after = right.place.after;
  }
  return right;
};
