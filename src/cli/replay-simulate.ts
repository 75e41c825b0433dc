/**
 * `jetbus replay --simulate`: prints the responses that a subscriber would get, a line of JSON each.
 */
import type { Database, UserId } from '../bus/names.ts';
import { decodeChannels, decodeLastMessage } from '../bus/poll.ts';
import { encodeResponse } from '../bus/response.ts';
import { ask } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import { simulate } from '../replay/simulate.ts';
import { EXIT, type ExitCode, Failure } from './exit.ts';
import { onOneLine } from './output.ts';
import type { Selection } from './select.ts';

interface SimulationOptions extends Selection {
  readonly channel: ReadonlyArray<string>;
  readonly lastMessage?: string;
  readonly cacheTimeout: number;
}

/** The user of the simulated subscriber when none is given: nobody's channel is that of a user without a number. */
const NOBODY = 'nobody' as UserId;

export const printSimulation = async (
  log: Log,
  database: Database | undefined,
  { user = NOBODY, client, channel, lastMessage, cacheTimeout }: SimulationOptions,
): Promise<ExitCode> => {
  if (database === undefined) throw new Failure(EXIT.usage, '--simulate needs a database');
  const names = client === undefined ? channel : [...channel, client];
  const poll = {
    channels: decodeChannels(names, user),
    lastMessage: decodeLastMessage(lastMessage),
  };
  const { epoch } = await ask(log.head);
  const { position, entries } = await simulate(log, database, poll, cacheTimeout);
  process.stderr.write(`Bus-Resume: ${position.resume}\n`);
  for await (const entry of entries) {
    process.stdout.write(`${onOneLine(encodeResponse(entry, epoch))}\n`);
  }
  return EXIT.ok;
};
