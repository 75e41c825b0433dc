/**
 * What `jetbus replay` can be told.
 */
import { Option } from 'commander';
import { DEFAULT_CACHE_TIMEOUT_MS } from '../library/defaults.ts';
import { EXIT, Failure } from './exit.ts';
import { type HistorySettings, journalOption, readOptions } from './open-history.ts';
import { collectWhole, parseSeconds } from './options.ts';
import { clientOption, type Selection, spanOptions, userOption } from './select.ts';

export interface ReplayOptions extends HistorySettings, Selection {
  readonly at?: string;
  readonly verify: boolean;
  readonly export?: string;
  readonly html?: string;
  readonly redact: boolean;
  readonly recompute: boolean;
  readonly simulate: boolean;
  readonly channel: ReadonlyArray<string>;
  readonly lastMessage?: string;
  readonly cacheTimeout: number;
}

/** None is taken from the environment, where a node's or another command's would be. */
export const replayOptions = () => [
  journalOption().conflicts('simulate'),
  userOption().conflicts(WHOLE),
  clientOption().conflicts(WHOLE),
  new Option('--connection <id>', 'this connection only').conflicts([...WHOLE, 'simulate']),
  ...spanOptions().map((each) => each.conflicts(['at', 'simulate'])),
  ...readOptions(),
  ...modes(),
  ...simulation(),
];

/** What is of a database and a span, and not of a user. */
const WHOLE = ['verify', 'export'];

const MODES = ['at', 'verify', 'export', 'html', 'simulate'];

const mode = (flags: string, description: string): Option => {
  const made = new Option(flags, description);
  return made.conflicts(MODES.filter((other) => other !== made.attributeName()));
};

const modes = () => [
  mode('--at <time>', 'print the states at a time, or when the message of an id was published'),
  mode('--verify', 'recompute every position and answer, and compare').default(false),
  mode('--export <file>', 'write the log and the journal of the span into one file'),
  new Option('--redact', 'with --export: without the bodies of messages').default(false),
  new Option(
    '--recompute',
    'with --export: positions and answers as they should have been',
  ).default(false),
  mode('--html <file>', 'write a page that shows the span'),
  mode('--simulate', 'print what a subscriber that polls now would be answered').default(false),
];

const simulation = () => [
  new Option('--channel <channel...>', 'with --simulate: a channel to listen to')
    .argParser(collectWhole)
    .default([]),
  new Option('--last-message <id>', 'with --simulate: the message to begin after'),
  new Option('--cache-timeout <seconds>', 'with --simulate: how far back to reach without one')
    .argParser(parseSeconds)
    .default(DEFAULT_CACHE_TIMEOUT_MS, '300'),
];

/** Refuses what would do nothing. */
export const refuseIdle = (options: ReplayOptions): void => {
  const { redact, recompute, simulate, channel, lastMessage, user, client } = options;
  const { from = 0, to = Number.POSITIVE_INFINITY } = options;
  const idle = [
    [from > to, '--from should not be after --to'],
    [redact && options.export === undefined, '--redact goes with --export'],
    [recompute && options.export === undefined, '--recompute goes with --export'],
    [!simulate && channel.length > 0, '--channel goes with --simulate'],
    [!simulate && lastMessage !== undefined, '--last-message goes with --simulate'],
    [
      simulate && channel.length === 0 && user === undefined && client === undefined,
      '--simulate needs a --channel, a --user or a --client',
    ],
    [
      channel.some((name) => name.startsWith('user:')),
      'the channel of a user is listened to by --user',
    ],
  ] as const;
  for (const [isIdle, words] of idle) if (isIdle) throw new Failure(EXIT.usage, words);
};
