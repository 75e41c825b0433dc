/**
 * An inquiry after a message: for which clients it answers, and what it knows of the journal that it reads.
 */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import { Inquiry } from '../../../src/replay/inquiry.ts';
import { askedOf, clientsOf, message } from '../../support/asking.ts';
import {
  type BusFixture,
  flushed,
  pollOf,
  recordedBus,
  settle,
} from '../../support/bus-fixture.ts';
import { linesIn } from '../../support/records.ts';

const DAY_MS = 86_400_000;

test('of the polls that ended before the message, only the last of each client is kept', async () => {
  const bus = await recordedBus();
  for (const client of ['client:one', 'client:two', 'client:one']) {
    const { hangUp } = await pollOf(bus.node, ['a', client]);
    bus.clock.advance(10);
    hangUp();
  }
  bus.clock.advance(10);
  const asked = await askedOf(bus, await bus.publish('a', message));
  const clients = clientsOf(await flushed(bus), asked);
  expect([...clients.keys()]).toEqual(['client:two', 'client:one']);
  const names = [...clients.values()].map((polls) => polls.map(({ name }) => name.slice(-2)));
  expect(names).toEqual([['-2'], ['-3']]);
});

describe('an inquiry', () => {
  const inquire = async (
    bus: BusFixture,
    id: string,
    lines: (all: ReadonlyArray<string>) => ReadonlyArray<string> = (all) => all,
    isKept = true,
  ) => {
    const asked = await askedOf(bus, id);
    const inquiry = new Inquiry({ asked, isOf: () => true, isKept: () => isKept });
    for (const line of linesIn(lines(await flushed(bus)))) inquiry.take(line);
    return inquiry.verdicts().map(({ client, verdict }) => [client, verdict._tag]);
  };

  test('answers for each client that was there when the message was', async () => {
    const bus = await recordedBus();
    const { hangUp } = await pollOf(bus.node, ['a', 'client:gone']);
    hangUp();
    bus.clock.advance(1);
    await pollOf(bus.node, ['a', 'client:one']);
    await pollOf(bus.node, ['b', 'client:two']);
    const id = await bus.publish('a', message);
    expect(new Set((await inquire(bus, id)).map((each) => each.join(' ')))).toEqual(
      new Set(['client:one HandedOver', 'client:two NotListening']),
    );
  });

  test('answers for the client that was there last when none was', async () => {
    const bus = await recordedBus();
    for (const client of ['client:one', 'client:two']) {
      const { hangUp } = await pollOf(bus.node, ['a', client]);
      bus.clock.advance(1);
      hangUp();
    }
    bus.clock.advance(1);
    const id = await bus.publish('a', message);
    expect(await inquire(bus, id)).toEqual([['client:two', 'LeftBefore']]);
  });

  test('does not know what was before the journal', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    const known = (await flushed(bus)).length;
    bus.clock.advance(HEARTBEAT_MS);
    await pollOf(bus.node, ['b']);
    expect(await inquire(bus, id)).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, (all) => all.slice(known))).toEqual([['', 'Unknown']]);
  });

  test('does not know what was in a gap after the message', async () => {
    const bus = await recordedBus();
    bus.clock.advance(HEARTBEAT_MS);
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    bus.clock.advance(2 * HEARTBEAT_MS);
    const without = (index: number) => (all: ReadonlyArray<string>) => all.toSpliced(index, 1);
    expect(await inquire(bus, id)).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, without(1))).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, without(-2))).toEqual([['', 'Unknown']]);
  });

  test('does not know of a user whom the journal may not keep', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    expect(await inquire(bus, id)).toEqual([['', 'NeverPolled']]);
    expect(await inquire(bus, id, (all) => all, false)).toEqual([['', 'Unknown']]);
  });

  test('knows of a message that has left the log what a whole journal says', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    bus.clock.advance(DAY_MS + 1);
    await bus.publish('c', message);
    await settle();
    expect(await inquire(bus, id)).toEqual([['', 'Gone']]);
  });
});
