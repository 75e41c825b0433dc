/**
 * `jetbus replay --verify`: holds every recorded position and answer against the log.
 */
import type { Line } from '../journal/line.ts';
import { ask } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import { divergenceInWords } from '../replay/divergence.ts';
import { Judge } from '../replay/judge.ts';
import { type Count, type Outcome, verify } from '../replay/verify.ts';
import { EXIT, type ExitCode } from './exit.ts';

/** Prints what was verified, and answers with the exit code for it. */
export const printVerification = async (
  log: Log,
  lines: AsyncIterable<Line>,
  stopBar: () => void,
): Promise<ExitCode> => {
  const outcome = await verify(new Judge(log, await ask(log.head)), lines, log.now());
  stopBar();
  process.stdout.write(`${[...table(outcome), ...conclusion(outcome)].join('\n')}\n`);
  if (outcome.divergence !== undefined) return EXIT.diverged;
  return isWhole(outcome) ? EXIT.ok : EXIT.unverified;
};

const table = ({ positions, answers, missing, unreadable, lost, records }: Outcome) => [
  row('', 'positions', 'answers'),
  ...(['verified', 'incomplete', 'uncheckable'] as const).map((kind) =>
    row(kind, positions[kind], answers[kind]),
  ),
  `${records} records, ${missing} missing, ${unreadable} unreadable${lost === 0 ? '' : `, ${lost} ${lost === 1 ? 'node' : 'nodes'} lost`}`,
];

const row = (name: string, ...cells: ReadonlyArray<string | number>): string =>
  name.padEnd(12) + cells.map((cell) => String(cell).padStart(12)).join('');

const conclusion = ({ divergence, ...outcome }: Outcome): ReadonlyArray<string> => {
  if (divergence !== undefined) return divergenceInWords(divergence);
  return verifiedIn(outcome) === 0 ? ['nothing was verified'] : ['no divergence'];
};

const isWhole = ({ positions, answers, missing, unreadable, lost }: Outcome): boolean =>
  [positions, answers].every((count: Count) => count.incomplete + count.uncheckable === 0) &&
  missing + unreadable + lost === 0 &&
  verifiedIn({ positions, answers }) > 0;

const verifiedIn = ({ positions, answers }: Pick<Outcome, 'positions' | 'answers'>): number =>
  positions.verified + answers.verified;
