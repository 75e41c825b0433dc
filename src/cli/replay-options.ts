/**
 * What `jetbus replay` can be told.
 */
import { DEFAULT_CACHE_TIMEOUT_MS } from '../library/defaults.ts';
import { type HistorySettings, journalOption, readOptions } from './open-history.ts';
import { collectWhole, option, parseSeconds } from './options.ts';
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

export const replayOptions = () => [
  journalOption(),
  userOption(),
  clientOption(),
  option('--connection <id>', 'this connection only'),
  ...spanOptions(),
  ...readOptions(),
  ...modes(),
  ...simulation(),
];

const modes = () => [
  option('--at <time>', 'print the states at a time, or when the message of an id was published'),
  option('--verify', 'recompute every position and answer, and compare').default(false),
  option('--export <file>', 'write the log and the journal of the span into one file'),
  option('--redact', 'export without the bodies of messages').default(false),
  option('--recompute', 'export positions and answers as they should have been').default(false),
  option('--html <file>', 'write a page that shows the span'),
  option('--simulate', 'print what a subscriber that polls now would be answered').default(false),
];

const simulation = () => [
  option('--channel <channel...>', 'with --simulate: a channel to listen to')
    .argParser(collectWhole)
    .default([]),
  option('--last-message <id>', 'with --simulate: the message to begin after'),
  option('--cache-timeout <seconds>', 'with --simulate: how far back to reach without one')
    .argParser(parseSeconds)
    .default(DEFAULT_CACHE_TIMEOUT_MS, '300'),
];
