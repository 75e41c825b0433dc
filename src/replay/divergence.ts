/**
 * The first divergence, in words for people.
 */
import { titleOf } from './timeline.ts';
import type { Divergence } from './verify.ts';
import { timeOf } from './words.ts';

export const divergenceInWords = ({
  happening,
  subject,
  verdict,
}: Divergence): ReadonlyArray<string> => {
  if (happening.type !== 'stepped' && happening.type !== 'placed') return [];
  const { record, connection } = happening;
  const { entry } = verdict;
  return [
    `diverged: the ${subject} in record ${record.n} of run ${record.run}, at ${timeOf(record.at)}`,
    `  connection  ${titleOf(connection)}`,
    `  event       ${record.event ?? 'none'}, with the tail at ${record.tail}`,
    `  entry       ${entry === undefined ? 'none' : `${entry.sequence}, on ${entry.channel}`}`,
    `  expected    ${verdict.expected}`,
    `  actual      ${verdict.actual}`,
  ];
};
