/**
 * The options that name a deployment's stream, for every command that may open a log on JetStream.
 */
import type { Option } from 'commander';
import { DEFAULT_STREAM, DEFAULT_SUBJECT_PREFIX } from '../library/defaults.ts';
import { option, parseStream, parseSubjectPrefix } from './options.ts';

export const streamOptions = (): ReadonlyArray<Option> => [
  option('--stream <name>', 'the stream on JetStream')
    .argParser(parseStream)
    .default(DEFAULT_STREAM),
  option('--subject-prefix <prefix>', 'the first part of its subjects')
    .argParser(parseSubjectPrefix)
    .default(DEFAULT_SUBJECT_PREFIX),
];
