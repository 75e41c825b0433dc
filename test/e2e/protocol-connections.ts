import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { databasePath, pollText, postText, RawConnection } from '../support/http.ts';
import { EMPTY, idOf, type StartBus, useBus } from './protocol-fixture.ts';

/** One socket that is kept alive for the rest of a test. */
const oneSocket = (): Agent => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
};

const connect = async (url: string): Promise<RawConnection> => {
  const raw = await RawConnection.open(url);
  onTestFinished(() => raw.destroy());
  return raw;
};

export const describeConnections = (start: StartBus): void => {
  describe('a connection', () => {
    const bus = useBus(start);

    test('that is kept alive bears many polls, one after the other', async () => {
      const agent = oneSocket();
      const ports = new Set();
      let last_message = await bus.publish('c', '{}');
      for (let n = 0; n < 10; n += 1) {
        const held = bus.poll({ channels: ['c'], last_message }, {}, agent);
        await bus.holds(1);
        last_message = await bus.publish('c', '{}');
        const answer = await held;
        expect(idOf(answer)).toBe(last_message);
        expect(answer.headers.connection).toBe('keep-alive');
        ports.add(answer.port);
      }
      expect(ports.size).toBe(1);
    });

    test('that is kept alive outlives a poll that was refused', async () => {
      const agent = oneSocket();
      const id = await bus.publish('c', '{}');
      const answers = [
        await bus.poll({ channels: null }, {}, agent),
        await bus.poll({ channels: ['c'] }, { Authorization: undefined }, agent),
        await bus.poll({ channels: ['c'] }, {}, agent),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 401, 200]);
      expect(answers.map(idOfLast)).toEqual([undefined, undefined, id]);
      expect(new Set(answers.map(({ port }) => port)).size).toBe(1);
    });

    test('may bear a poll before the last one is answered: both are, in their order', async () => {
      const raw = await connect(bus.url);
      raw.write(pollText(bus.database, { channels: ['a'] }));
      raw.write(pollText(bus.database, { channels: ['b'] }));
      await bus.holds(2);
      const second = await bus.publish('b', '{}');
      const first = await bus.publish('a', '{}');
      await raw.until('"channel":', 2);
      expect(raw.received.split('HTTP/1.1 200 OK\r\n')).toHaveLength(3);
      expect(raw.received.indexOf(first)).toBeLessThan(raw.received.indexOf(second));
      expect(raw.received.indexOf(first)).toBeGreaterThan(0);
    });

    test('is not in the way of another one: two polls on two sockets are both answered', async () => {
      const held = [
        bus.poll({ channels: ['a', 'c'] }, {}, oneSocket()),
        bus.poll({ channels: ['b', 'c'] }, {}, oneSocket()),
      ];
      await bus.holds(2);
      const id = await bus.publish('c', '{}');
      expect((await Promise.all(held)).map(idOf)).toEqual([id, id]);
    });

    test('that breaks off gives up its poll, and its client gets later what it missed', async () => {
      const last_message = await bus.publish('c', '{}');
      const held = bus.poll({ channels: ['c'], last_message });
      await bus.holds(1);
      held.destroy();
      await bus.holds(0);
      const id = await bus.publish('c', '{}');
      const answer = await bus.poll({ channels: ['c'], last_message });
      expect(idOf(answer)).toBe(id);
      expect(answer.headers['bus-resume']).toBe('exact');
    });

    test('that is half closed by its client gives up its poll', async () => {
      const raw = await connect(bus.url);
      raw.write(pollText(bus.database, { channels: ['c'] }));
      await bus.holds(1);
      raw.socket.end();
      await bus.holds(0);
    });
  });

  describe('a connection that breaks off', () => {
    const bus = useBus(start);

    test('gives up every poll that was sent on it', async () => {
      const raw = await connect(bus.url);
      for (const name of ['a', 'b', 'c']) {
        raw.write(pollText(bus.database, { channels: [name] }));
      }
      await bus.holds(3);
      raw.destroy();
      await bus.holds(0);
    });
  });

  describe('a connection that breaks off early', () => {
    const bus = useBus(start);

    test('leaves nothing behind of a poll that was still being unpacked', async () => {
      const body = gzipSync('{"channels":["c"]}');
      const packed = { 'Content-Encoding': 'gzip', 'Content-Length': String(body.length) };
      const [head] = postText(`${databasePath(bus.database)}/bus`, '', packed).split('\r\n\r\n');
      for (let n = 0; n < 20; n += 1) {
        const raw = await connect(bus.url);
        raw.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
        raw.socket.destroySoon();
        await raw.closed;
      }
      const id = await bus.publish('d', '{}');
      for (let n = 0; n < 4; n += 1) {
        const answer = await bus.post('bus', gzipSync('{"channels":["d"]}'), packed);
        expect(idOf(answer)).toBe(id);
      }
      await bus.holds(0);
    });
  });

  describe('a connection that is kept alive', () => {
    const bus = useBus(start, { longPollingTimeoutMs: 100 });

    test('outlives polls that found nothing', async () => {
      const agent = oneSocket();
      const answers = [];
      for (let n = 0; n < 3; n += 1) answers.push(await bus.poll({}, {}, agent));
      expect(answers.map(({ body }) => body)).toEqual([EMPTY, EMPTY, EMPTY]);
      expect(new Set(answers.map(({ port }) => port)).size).toBe(1);
      expect(answers.map(({ headers }) => headers.connection)).not.toContain('close');
    });
  });
};

const idOfLast = ({ status, body }: { readonly status: number; readonly body: string }) =>
  status === 200 ? JSON.parse(body).message.message_id : undefined;
