#!/usr/bin/env node
/**
 * The command line. A command that fails says why in one line and ends with a code of `exit.ts`; anything else thrown is a
 * defect of the bus, and told whole.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, Failure } from './exit.ts';
import { addLog } from './log.ts';
import { readFlags } from './options.ts';
import { addPoll } from './poll.ts';
import { addNotify, addPublish } from './publish.ts';
import { addServe } from './serve.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

const program = new Command('jetbus')
  .description("Tryton's message bus as a distributed service")
  .version(version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
for (const add of [addServe, addPublish, addNotify, addPoll, addLog]) add(program);
for (const command of program.commands) command.exitOverride();

const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Failure) {
    process.stderr.write(`jetbus: ${error.message}\n`);
    return error.code;
  }
  process.stderr.write(`jetbus: ${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.software;
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.software);
});

process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

try {
  for (const command of program.commands) readFlags(command, process.env);
  await program.parseAsync();
  process.exitCode = EXIT.ok;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
