/**
 * Asking, of a message on a recorded bus, whether a subscriber got it, and why not.
 */
import { E, O } from '../../src/fp.ts';
import { emptyFold, finish, take } from '../../src/replay/fold.ts';
import { byClient, noPolls, note, type PollStory } from '../../src/replay/polls.ts';
import { type Asked, type Hole, type Why, why } from '../../src/replay/why.ts';
import { whyInWords } from '../../src/replay/why-words.ts';
import { type BusFixture, flushed } from './bus-fixture.ts';
import { answer, messageIdOf } from './logs.ts';
import { linesIn } from './records.ts';

const WHO = 'User 1';

/** The message that is asked about. */
export const message = { type: 'greeting' };

/** What is asked about a message, as the log has it now. */
export const askedOf = async (bus: BusFixture, id: string): Promise<Asked> => {
  const parsed = messageIdOf(id);
  const stored = await answer(bus.reader.at(parsed.sequence));
  const isThere = O.isSome(stored) && E.isRight(stored.value);
  return { ...parsed, published: isThere ? stored.value.right : undefined };
};

/** The polls of each client, by its channel. */
export const clientsOf = (
  lines: ReadonlyArray<string>,
  { published }: Asked,
): ReadonlyMap<string, ReadonlyArray<PollStory>> => {
  const fold = emptyFold();
  const polls = noPolls(() => true, published?.instant ?? 0);
  for (const line of linesIn(lines)) for (const told of take(fold, line)) note(polls, told);
  for (const told of finish(fold)) note(polls, told);
  return byClient(polls);
};

interface Told {
  readonly verdict: Why;
  readonly words: string;
}

interface Asking {
  readonly holes?: ReadonlyArray<Hole>;
  /** What of the journal is left. */
  readonly lines?: (lines: ReadonlyArray<string>) => ReadonlyArray<string>;
  /** Which client is asked about, by its channel. */
  readonly client?: string;
}

export const whyOf = async (
  bus: BusFixture,
  id: string,
  { holes = [], lines = (all) => all, client = '' }: Asking = {},
): Promise<Told> => {
  const asked = await askedOf(bus, id);
  const polls = clientsOf(lines(await flushed(bus)), asked).get(client) ?? [];
  const verdict = why(asked, polls, holes);
  return { verdict, words: whyInWords(verdict, asked, WHO, id) };
};
