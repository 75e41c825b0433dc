/**
 * `jetbus publish` and `jetbus notify`: through a node, or straight into a log. They print the message id.
 */
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { BusError } from '../bus/errors.ts';
import { decodeMessage } from '../bus/message.ts';
import { notify } from '../bus/notify.ts';
import { E, type TE } from '../fp.ts';
import { type Published, type Publisher, publisher } from '../hub/publisher.ts';
import { failureOfReply, post } from './client.ts';
import { EXIT, Failure, failureOf } from './exit.ts';
import { openLog } from './open-log.ts';
import {
  type LogTarget,
  option,
  parseLogTarget,
  parsePriority,
  parseToken,
  parseUrl,
} from './options.ts';
import { streamOptions } from './stream-options.ts';

interface TargetOptions {
  readonly url: string;
  readonly token?: string;
  readonly log?: LogTarget;
  readonly stream: string;
  readonly subjectPrefix: string;
  readonly key?: string;
}

interface NotifyOptions extends TargetOptions {
  readonly body?: string;
  readonly priority?: number;
  readonly user?: string;
  readonly client?: string;
}

export const addPublish = (program: Command): void => {
  const command = program
    .command('publish')
    .description('Publish a message and print its id')
    .argument('<database>', 'the Tryton database')
    .argument('<channel>', 'the channel, such as user:1')
    .argument('<json>', 'the message, a JSON object; - reads it from stdin');
  addTarget(command).action(publishMessage);
};

export const addNotify = (program: Command): void => {
  const command = program
    .command('notify')
    .description('Publish a notification to a user or a client, and print its id')
    .argument('<database>', 'the Tryton database')
    .argument('<title>', 'one line of text')
    .addOption(option('--body <text>', 'more than the title says'))
    .addOption(option('--priority <0-3>', '1 if not given').argParser(parsePriority))
    .addOption(option('--user <id>', 'the user to notify'))
    .addOption(option('--client <id>', 'the one client to notify'));
  addTarget(command).action(publishNotification);
};

const addTarget = (command: Command): Command => {
  command
    .addOption(
      option('--url <url>', 'the node to publish through')
        .argParser(parseUrl)
        .default('http://127.0.0.1:8100'),
    )
    .addOption(option('--token <token>', "the node's publish token").argParser(parseToken))
    .addOption(
      option('--log <log>', 'publish straight into a log instead: file:DIR or nats://host:port')
        .argParser(parseLogTarget)
        .env('JETBUS_PUBLISH_LOG'),
    )
    .addOption(option('--key <text>', 'an idempotency key: a repeat is published once'));
  for (const each of streamOptions()) command.addOption(each);
  return command;
};

const publishMessage = async (
  database: string,
  channel: string,
  argument: string,
  options: TargetOptions,
): Promise<void> => {
  const bytes = argument === '-' ? await buffer(process.stdin) : Buffer.from(argument);
  const message = decodeMessage(bytes);
  if (E.isLeft(message)) throw failureOf(message.left);
  const body = `{"channel":${JSON.stringify(channel)},"message":${bytes}}`;
  await run(database, 'publish', body, options, (to) =>
    to.publish(database, channel, bytes, options.key),
  );
};

const publishNotification = async (
  database: string,
  title: string,
  options: NotifyOptions,
): Promise<void> => {
  const { body, priority, user, client } = options;
  const notification = { title, body, priority, user, client };
  const decoded = notify(notification);
  if (E.isLeft(decoded)) throw new Failure(EXIT.usage, failureOf(decoded.left).message);
  await run(database, 'notify', JSON.stringify(notification), options, (to) =>
    to.notify(database, notification, undefined, options.key),
  );
};

const run = async (
  database: string,
  route: string,
  body: string,
  options: TargetOptions,
  direct: (to: Publisher) => TE.TaskEither<BusError, Published>,
): Promise<void> => {
  const id =
    options.log === undefined
      ? await publishThroughNode(database, route, body, options)
      : await publishInto({ ...options, log: options.log }, direct);
  process.stdout.write(`${id}\n`);
};

const publishThroughNode = async (
  database: string,
  route: string,
  body: string,
  { url, token, key }: TargetOptions,
): Promise<string> => {
  const reply = await post(`${url}/${encodeURIComponent(database)}/bus/${route}`, body, {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
  });
  if (reply.status !== 201) throw failureOfReply(reply);
  return String(JSON.parse(reply.body).message_id);
};

const publishInto = async (
  options: TargetOptions & { readonly log: LogTarget },
  direct: (to: Publisher) => TE.TaskEither<BusError, Published>,
): Promise<string> => {
  if (options.log.type === 'memory') {
    throw new Failure(EXIT.usage, 'memory: is inside another process: publish through a node');
  }
  const log = await openLog({ ...options, create: false });
  try {
    const result = await direct(publisher(log))();
    if (E.isLeft(result)) throw failureOf(result.left);
    return result.right.messageId;
  } finally {
    await log.close();
  }
};
