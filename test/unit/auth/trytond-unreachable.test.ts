/**
 * The question to what is no trytond, or one that does not answer well: it is never known then that a session holds or has
 * ended, and why is told in words. What the connections bear is here too.
 */
import dns, { type LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ENDED, HOLDS } from '../../../src/auth/trytond-verdict.ts';
import { freeAddress } from '../../support/address.ts';
import {
  always,
  asking,
  CHALLENGE,
  type Play,
  questionOf,
  startTrytond,
  trytond,
} from '../../support/trytond-server.ts';

type LookupAll = (error: Error | null, addresses: ReadonlyArray<LookupAddress>) => void;

const unknownFor = (reason: RegExp) => ({ _tag: 'Unknown', reason: expect.stringMatching(reason) });

/** What is said with `play` for an answer. */
const verdictOn = async (play: Play, questionMs?: number) =>
  asking((await startTrytond(play)).url, questionMs).ask(questionOf());

/** Answers at a later time of the test's. */
const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

describe('it is not known whether a session holds', () => {
  test.each<[what: string, play: Play, reason: RegExp]>([
    ['a proxy wants a password', always(401, { 'WWW-Authenticate': 'Basic realm="x"' }), /401/],
    ['somebody refuses without a challenge', always(401), /401/],
    ['trytond’s own bus answers', always(200, {}, '{"message":null}'), /200.*trytond_jetbus/],
    ['the URL is wrong', always(404), /404/],
    ['trytond fails', always(500, {}, '<h1>Oops</h1>'), /500/],
    ['the proxy finds no trytond', always(502), /502/],
    ['it is another node of Jetbus', always(508), /508.*trytond’s own address/],
    ['the connection is broken off', (response) => response.destroy(), /other side closed/],
    [
      'the head of an answer is cut',
      ({ socket }) => socket?.end('HTTP/1.1 501 No'),
      /other side closed|EOF|terminated/,
    ],
    ['no HTTP is spoken', ({ socket }) => socket?.end('SSH-2.0-x\r\n'), /HTTP/],
  ])('when %s', async (_, play, reason) => {
    expect(await verdictOn(play)).toEqual(unknownFor(reason));
  });

  test('when nobody listens', async () => {
    const address = await freeAddress();
    const reason = new RegExp(`ECONNREFUSED.*${address}`);
    expect(await asking(`http://${address}`).ask(questionOf())).toEqual(unknownFor(reason));
  });

  test('when nobody listens at any address of a name', async () => {
    const { port } = new URL(`http://${await freeAddress()}`);
    const both = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const looking = vi.spyOn(dns, 'lookup');
    onTestFinished(() => looking.mockRestore());
    looking.mockImplementation(((_name: string, _options: object, found: LookupAll) =>
      found(null, both)) as typeof dns.lookup);
    const verdict = await asking(`http://two.example:${port}`).ask(questionOf());
    expect(verdict).toEqual(unknownFor(/ECONNREFUSED.*127\.0\.0\.2/));
  });

  test('when the name is nobody’s', async () => {
    const verdict = await asking('http://trytond.invalid').ask(questionOf());
    expect(verdict).toEqual(unknownFor(/trytond\.invalid/));
  });

  test('when no answer comes in time', async () => {
    expect(await verdictOn(() => {}, 50)).toEqual(unknownFor(/does not answer within 0.05 s/));
  });

  test('when it is asked no more', async () => {
    const { url } = await startTrytond(() => {});
    const { ask, close } = asking(url);
    const asked = ask(questionOf());
    await close();
    expect(await asked).toEqual(unknownFor(/destroyed/));
    expect(await ask(questionOf())).toEqual(unknownFor(/destroyed/));
  });
});

describe('the body of an answer', () => {
  const endless: Play = (response) => {
    response.writeHead(401, CHALLENGE);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  };

  test('is not read to an end that it does not have', async () => {
    expect(await verdictOn(endless)).toEqual(ENDED);
  });

  test('is not read when it is said to be huge', async () => {
    const play: Play = (response) =>
      response.writeHead(401, { ...CHALLENGE, 'Content-Length': 1e12 }).write('x');
    expect(await verdictOn(play)).toEqual(ENDED);
  });

  test('keeps no connection from the next question', async () => {
    const server = await startTrytond(always(401, CHALLENGE, 'x'.repeat(1_000_000)));
    const { ask } = asking(server.url);
    const begin = performance.now();
    for (let n = 0; n < 20; n += 1) expect(await ask(questionOf())).toEqual(ENDED);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test('is not waited for longer than for an answer', async () => {
    const play: Play = (response) => {
      response.writeHead(401, CHALLENGE).write('x');
    };
    const before = performance.now();
    await verdictOn(play, 50);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('the connections', () => {
  test('are kept from one question to the next', async () => {
    const server = await startTrytond(trytond('good'));
    const { ask } = asking(server.url);
    for (let n = 0; n < 100; n += 1) await ask(questionOf('bad'));
    expect(new Set(server.asked.map(({ port }) => port)).size).toBeLessThanOrEqual(16);
  });

  test.each<[how: string, end: (socket: Socket | null) => unknown]>([
    ['closed', (socket) => socket?.destroy()],
    ['reset', (socket) => socket?.resetAndDestroy()],
  ])('are made anew where one was %s after an answer without a word', async (_, end) => {
    const answered = new Set<number | undefined>();
    const server = await startTrytond((response, asked) => {
      if (answered.has(asked.port)) return end(response.socket);
      answered.add(asked.port);
      return always(401, CHALLENGE)(response, asked);
    });
    const { ask } = asking(server.url);
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => ask(questionOf('bad'))));
    expect(verdicts).toEqual(Array(100).fill(ENDED));
  });

  test('are at most 16, however many questions wait, and all of them are answered', async () => {
    const { open, opened } = gate();
    const server = await startTrytond(async (response, asked) => {
      await opened;
      trytond('good', always(501, {}, 'x'.repeat(10_000)))(response, asked);
    });
    const { ask } = asking(server.url);
    const verdicts = Array.from({ length: 100 }, (_, n) =>
      ask(questionOf(n < 50 ? 'good' : 'bad')),
    );
    await vi.waitFor(() => expect(server.asked).toHaveLength(16));
    expect(await server.connections()).toBe(16);
    open();
    expect(await Promise.all(verdicts)).toEqual([
      ...Array(50).fill(HOLDS),
      ...Array(50).fill(ENDED),
    ]);
    expect(server.mostInFlight()).toBe(16);
  });

  test('that break off are not tried again', async () => {
    const server = await startTrytond((response) => response.destroy());
    expect(await asking(server.url).ask(questionOf())).toMatchObject({ _tag: 'Unknown' });
    expect(server.asked).toHaveLength(1);
  });

  test('are not tried again for an answer that does not come', async () => {
    const server = await startTrytond(() => {});
    expect(await asking(server.url, 50).ask(questionOf())).toMatchObject({ _tag: 'Unknown' });
    expect(server.asked).toHaveLength(1);
  });

  test('are found again when trytond is', async () => {
    let play: Play = always(501);
    const server = await startTrytond((response, asked) => play(response, asked));
    const { ask } = asking(server.url);
    play = (response) => response.destroy();
    expect(await ask(questionOf())).toMatchObject({ _tag: 'Unknown' });
    play = trytond('good');
    expect(await ask(questionOf())).toEqual(HOLDS);
  });

  test('are gone when it is closed', async () => {
    const server = await startTrytond(() => {});
    const { ask, close } = asking(server.url);
    void ask(questionOf());
    await vi.waitFor(() => expect(server.asked).toHaveLength(1));
    await close();
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  });
});
