/**
 * Which connections a command is about.
 */
import { InvalidArgumentError, Option } from 'commander';
import { type Channel, ClientId, clientChannel, UserId } from '../bus/names.ts';
import type { FoldedConnection } from '../replay/fold.ts';
import { parseInstant } from './options.ts';

export interface Selection {
  readonly user?: UserId;
  readonly client?: Channel;
  readonly connection?: string;
  readonly from?: number;
  readonly to?: number;
}

const parseUser = (text: string): UserId => {
  if (!UserId.is(text)) throw new InvalidArgumentError('should be the id of a user');
  return text;
};

/** The channel of a client, by the client's id or as it is. */
const parseClient = (text: string): Channel => {
  const id = text.replace(/^client:/, '');
  if (!ClientId.is(id)) throw new InvalidArgumentError('should be the id of a client');
  return clientChannel(id);
};

export const userOption = () => new Option('--user <id>', 'this user only').argParser(parseUser);

export const clientOption = () =>
  new Option('--client <id>', 'the client with this id only').argParser(parseClient);

export const spanOptions = () => [
  new Option(
    '--from <time>',
    'from this time on: 2026-11-25T10:03:58Z, 10:03, or 10m for so long ago',
  ).argParser(parseInstant),
  new Option('--to <time>', 'up to this time').argParser(parseInstant),
];

/** Whether a connection is of the database, and of whoever was named. */
export const isSelected = (
  { name, opening }: Pick<FoldedConnection, 'name' | 'opening'>,
  database: string | undefined,
  { user, client, connection }: Selection,
): boolean =>
  (database === undefined || opening.database === database) &&
  (user === undefined || opening.user === user) &&
  (client === undefined || opening.channels.includes(client)) &&
  (connection === undefined || name === connection);
