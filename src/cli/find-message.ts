/**
 * The message that an id on the command line names.
 */
import type { Entry } from '../bus/entry.ts';
import { type MessageId, parseMessageId } from '../bus/message-id.ts';
import { E, O } from '../fp.ts';
import { ask } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import { EXIT, Failure } from './exit.ts';

export interface FoundMessage {
  readonly id: MessageId;
  /** Undefined when it has left the log. */
  readonly entry: Entry | undefined;
}

/** Looks up the message that an option names; fails when this log never gave that id. */
export const findMessage = async (
  log: Log,
  option: string,
  text: string,
): Promise<FoundMessage> => {
  const parsed = parseMessageId(text);
  if (O.isNone(parsed)) throw new Failure(EXIT.usage, `${option} ${text} is no message id`);
  const id = parsed.value;
  const { epoch, first } = await ask(log.head);
  if (id.epoch !== epoch) {
    throw new Failure(EXIT.data, `${text} is of another life of the log, which is now ${epoch}`);
  }
  if (id.sequence < first) return { id, entry: undefined };
  const stored = await ask(log.at(id.sequence));
  if (O.isSome(stored) && E.isRight(stored.value) && stored.value.right.check === id.check) {
    return { id, entry: stored.value.right };
  }
  throw new Failure(EXIT.data, `the log has no message ${text}`);
};
