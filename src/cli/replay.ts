/**
 * `jetbus replay`: what every connection saw, from a log and the journal of it.
 */
import type { Command } from 'commander';
import { type ReplayOptions, replayOptions } from './replay-options.ts';

export const addReplay = (program: Command): void => {
  const command = program
    .command('replay')
    .description('Replay what connections saw, from a log and its journal')
    .argument('[database]', 'the Tryton database; all if not given');
  for (const each of replayOptions()) command.addOption(each);
  command.action(async (database: string | undefined, options: ReplayOptions) => {
    const { replay } = await import('./replay-run.ts');
    process.exitCode = await replay(database, options);
  });
};
