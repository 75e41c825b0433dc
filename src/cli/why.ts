/**
 * `jetbus why`: whether a subscriber got a message, and if not, why not.
 */
import { type Command, Option } from 'commander';
import type { Instant } from '../bus/names.ts';
import type { Log } from '../log/log.ts';
import type { Inquiry } from '../replay/inquiry.ts';
import type { Asked } from '../replay/why.ts';
import { EXIT, Failure } from './exit.ts';
import { findMessage } from './find-message.ts';
import {
  type HistorySettings,
  journalOption,
  leadTo,
  openReadable,
  openRecords,
  readOptions,
} from './open-history.ts';
import { progressBar } from './progress.ts';
import { clientOption, isSelected, type Selection, userOption } from './select.ts';

interface WhyOptions extends HistorySettings, Pick<Selection, 'user' | 'client'> {
  readonly message: string;
}

export const addWhy = (program: Command): void => {
  const command = program
    .command('why')
    .description('Say whether a subscriber got a message, and if not, why not')
    .argument('<database>', 'the Tryton database')
    .addOption(new Option('--message <id>', 'the id of the message').makeOptionMandatory())
    .addOption(userOption())
    .addOption(clientOption())
    .addOption(journalOption());
  for (const each of readOptions()) command.addOption(each);
  command.action(explain);
};

const explain = async (database: string, options: WhyOptions): Promise<void> => {
  const { user, client, message } = options;
  if ((user === undefined) === (client === undefined)) {
    throw new Failure(EXIT.usage, 'one of --user and --client should be given');
  }
  const { log, close } = await openReadable(options);
  try {
    const asked = await askedOf(database, message, log);
    process.stdout.write(`${(await paragraphs(database, options, asked, log)).join('\n\n')}\n`);
  } finally {
    await close();
  }
};

const askedOf = async (database: string, text: string, log: Log): Promise<Asked> => {
  const { id, entry } = await findMessage(log, '--message', text);
  if (entry !== undefined && entry.database !== database) {
    throw new Failure(EXIT.data, `message ${text} is not of the database ${database}`);
  }
  return { ...id, published: entry };
};

/** A paragraph for each client that the verdict is about. */
const paragraphs = async (
  database: string,
  options: WhyOptions,
  asked: Asked,
  log: Log,
): Promise<ReadonlyArray<string>> => {
  const { whyInWords } = await import('../replay/why-words.ts');
  const { user, client, message } = options;
  const from = leadTo(asked.published?.instant);
  const near = await inquire(database, options, asked, from);
  const inquiry = near.hasPolled || from === 0 ? near : await inquire(database, options, asked, 0);
  const who = user === undefined ? `Client ${client?.replace('client:', '')}` : `User ${user}`;
  const verdicts = inquiry.verdicts(log.now());
  return verdicts.map(({ client: channel, verdict }) =>
    whyInWords(verdict, asked, verdicts.length === 1 ? who : `${who}, on ${channel}`, message),
  );
};

/** Reads the journal from an instant on for one subscriber. */
const inquire = async (
  database: string,
  options: WhyOptions,
  asked: Asked,
  from: Instant,
): Promise<Inquiry> => {
  const [{ Inquiry }, { isSampled }] = await Promise.all([
    import('../replay/inquiry.ts'),
    import('../journal/sample.ts'),
  ]);
  const { user } = options;
  const inquiry = new Inquiry({
    asked,
    isOf: (opening) => isSelected({ name: '', opening }, database, options),
    // Who a client is a user of is not known from its id.
    isKept: (share) => share === 1 || (user !== undefined && isSampled(user, share)),
  });
  const journal = await openRecords(options);
  const bar = await progressBar();
  try {
    for await (const line of journal.lines(from, bar.progress)) inquiry.take(line);
  } finally {
    bar.stop();
    await journal.close();
  }
  return inquiry;
};
