#!/usr/bin/env node
/**
 * The command line. A command that fails says why in one line and ends with a code of `exit.ts`; anything else thrown is a
 * defect of the bus, and told whole.
 */
import { Command, CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { addLog } from './log.ts';
import { readFlags } from './options.ts';
import { addPoll } from './poll.ts';
import { addNotify, addPublish } from './publish.ts';
import { addReplay } from './replay.ts';
import { addServe } from './serve.ts';
import { told } from './told.ts';
import { version } from './version.ts';
import { addWhy } from './why.ts';

const program = new Command('jetbus')
  .description("Tryton's message bus as a distributed service")
  .version(version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
for (const add of [addServe, addPublish, addNotify, addPoll, addLog, addReplay, addWhy])
  add(program);
for (const command of program.commands) command.exitOverride();

const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { code, words } = told(error);
  process.stderr.write(`jetbus: ${words}\n`);
  return code;
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? (process.exitCode ?? EXIT.ok) : EXIT.software);
});

process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

try {
  for (const command of program.commands) readFlags(command, process.env);
  await program.parseAsync();
  process.exitCode ??= EXIT.ok;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
