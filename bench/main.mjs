/**
 * `npm run bench`: the same work on Jetbus, on the floor and on its peers, in alternated rounds on one machine.
 *
 * Exits with 1 when a client was answered anything but its next message. Whether the promised figures were reached is printed, and
 * decides nothing: they are another machine's business.
 */
import { report } from './figures/report.mjs';
import { describeMachine, openFiles } from './machine.mjs';
import { measure } from './measure.mjs';
import { parseOptions, UsageError } from './options.mjs';
import { leaveServersAlone } from './servers/start.mjs';
import { stopTrytond } from './servers/trytond.mjs';

/** Files that are open beside the sockets. */
const SPARE_FILES = 1000;

const tell = (text) => process.stderr.write(`${text}\n`);

const bench = async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) return;
  leaveServersAlone();
  const crowd = Math.min(options.crowd, openFiles() - SPARE_FILES);
  if (crowd < options.crowd) tell(`The crowd is ${crowd}, since no more files can be open.`);
  const machine = await describeMachine(options);
  try {
    report(await measure({ ...options, crowd }, tell), machine, options);
  } finally {
    await stopTrytond();
  }
};

try {
  await bench();
  process.exit(0);
} catch (error) {
  tell(error instanceof UsageError ? error.message : `The run fails: ${error.message}`);
  process.exit(error instanceof UsageError ? 64 : 1);
}
