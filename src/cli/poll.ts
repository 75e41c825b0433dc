/**
 * `jetbus poll`: polls a node as Tryton's clients do, and prints each response as a line of JSON.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { failureOfReply, post, type Reply } from './client.ts';
import { EXIT, Failure } from './exit.ts';
import { collectWhole, option, parseCount, parseSession, parseUrl } from './options.ts';
import { onOneLine } from './output.ts';

interface PollOptions {
  readonly channel: ReadonlyArray<string>;
  readonly url: string;
  readonly lastMessage?: string;
  readonly session: string;
  readonly count?: number;
}

/** The clients wait 1 s after an error, then 2, 4 … up to ten minutes. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 600_000;

export const addPoll = (program: Command): void => {
  program
    .command('poll')
    .description('Poll a node as a client does, and print each response')
    .argument('<database>', 'the Tryton database')
    .addOption(
      option('--channel <channel...>', 'a channel to listen to')
        .argParser(collectWhole)
        .default([]),
    )
    .addOption(
      option('--url <url>', 'the node to poll')
        .argParser(parseUrl)
        .default('http://127.0.0.1:8100'),
    )
    .addOption(option('--last-message <id>', 'the message to begin after'))
    .addOption(
      option('--session <login:id:key>', 'the session to poll with')
        .argParser(parseSession)
        .default(parseSession('demo:1:key'), 'demo:1:key'),
    )
    .addOption(option('--count <number>', 'end after so many responses').argParser(parseCount))
    .action(poll);
};

const poll = async (database: string, options: PollOptions): Promise<void> => {
  const { channel: channels, url, session, count = Number.POSITIVE_INFINITY } = options;
  const route = `${url}/${encodeURIComponent(database)}/bus`;
  let last = options.lastMessage ?? null;
  let wait = FIRST_WAIT_MS;
  for (let answered = 0; answered < count; ) {
    const body = JSON.stringify({ last_message: last, channels });
    const reply = await ask(route, body, session);
    if (reply instanceof Failure) {
      process.stderr.write(`${reply.message}; again in ${wait / 1000} s\n`);
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      continue;
    }
    wait = FIRST_WAIT_MS;
    answered += 1;
    process.stdout.write(`${onOneLine(reply.body)}\n`);
    last = lastMessageOf(reply) ?? last;
  }
};

/** A response, or the failure that may pass by waiting: no answer, or a server's error. Throws what ends a client. */
const ask = async (route: string, body: string, session: string): Promise<Reply | Failure> => {
  const reply = await post(route, body, { Authorization: session }).catch(asFailure);
  if (reply instanceof Failure || reply.status === 200) return reply;
  if (reply.status === 501) throw new Failure(EXIT.unavailable, 'the bus is disabled there (501)');
  if (reply.status < 500) throw failureOfReply(reply);
  return failureOfReply(reply);
};

const asFailure = (error: unknown): Failure => {
  if (error instanceof Failure) return error;
  throw error;
};

const lastMessageOf = ({ body }: Reply): string | undefined => {
  try {
    return JSON.parse(body).message?.message_id;
  } catch {
    throw new Failure(EXIT.unavailable, 'what answers there is no bus: its answer is no JSON');
  }
};
