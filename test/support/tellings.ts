/**
 * What a fold tells of the lines of a journal, in words.
 */
import { emptyFold, finish, type Happening, take } from '../../src/replay/fold.ts';
import { flushed, pollOf, recordedBus } from './bus-fixture.ts';
import { linesIn, recordsOf, textsOf } from './records.ts';

/** A poll that is parked, answered and written: what a node records of it, and of itself, a line for each record. */
export const onePoll = async (): Promise<ReadonlyArray<string>> => {
  const bus = await recordedBus();
  await pollOf(bus.node, ['a']);
  await bus.publish('a', {});
  return textsOf(recordsOf(await flushed(bus)));
};

export const tellingsOf = (lines: ReadonlyArray<string>): ReadonlyArray<Happening> => {
  const fold = emptyFold();
  return [...linesIn(lines).flatMap((line) => take(fold, line)), ...finish(fold)];
};

export const inWords = (happening: Happening): string => {
  switch (happening.type) {
    case 'node':
      return `${happening.record.node}${happening.isNewLife ? ', in a new life' : ''}`;
    case 'stepped':
      return `${happening.record.event} from ${happening.from.name} to ${happening.to.name}`;
    case 'gap':
      return `${happening.missing} missing, ${happening.connections.length} let go`;
    case 'lost':
      return `lost with ${happening.connections.length}`;
    default:
      return happening.type;
  }
};

export const told = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  tellingsOf(lines).map(inWords);

/** What is told of a node that comes to serve. */
export const NODE = ['starting', 'starting, in a new life', 'serving'];

/** What is told of one poll, and of its node. */
export const ONE_POLL = [
  ...NODE,
  'opened',
  'ADMITTED from idle to waiting.reading',
  'placed',
  'NOTHING from waiting.reading to waiting.parked',
  'ARRIVED from waiting.parked to responding',
  'WRITTEN from responding to closed',
];
