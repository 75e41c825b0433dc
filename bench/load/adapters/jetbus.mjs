/**
 * How the load talks to Jetbus, and to the floor, which answers the same.
 */

import { HttpSocket } from '../http-socket.mjs';
import { answerAround, messageText } from '../message.mjs';

const READY = 'GET /-/readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

export const jetbusAdapter = (target) => {
  const { port, database, token } = target;
  const path = `/${database}/bus`;
  const pollText = pollTextOf(path, ({ number }) => sessionOf(number));
  const around = lastAround();
  return {
    pollText,
    readAnswer: (status, _head, body, { channel, received }) =>
      readAnswer(status, body, around(channel, received + 1)),
    publisher: (at = port) => publisher(at, path, token),
    /** How many polls the server holds. */
    held: async (control) => {
      const { body } = await control.ask(READY);
      return Number(/"held":(\d+)/.exec(body)?.[1]);
    },
  };
};

/** What makes the text of a client's poll; the head is made once, but for the length. */
export const pollTextOf = (path, authorizationOf) => (client) => {
  const { channel, last } = client;
  const body = `{"channels":["${channel}"],"last_message":${last === undefined ? 'null' : `"${last}"`}}`;
  client.head ??= postHead(path, authorizationOf(client));
  return `${client.head}${body.length}\r\n\r\n${body}`;
};

const postHead = (path, authorization) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    'Content-Length: ',
  ].join('\r\n');

/** The session of a user, whose key the bench's trytond takes. */
const sessionOf = (user) => `Session ${Buffer.from(`bench:${user}:bench`).toString('base64')}`;

/** Remembers what was last asked for: the answers of one publish are alike. */
export const lastAround = () => {
  let [lastChannel, lastN, around] = [];
  return (channel, n) => {
    if (channel !== lastChannel || n !== lastN) {
      [lastChannel, lastN, around] = [channel, n, answerAround(channel, n)];
    }
    return around;
  };
};

/** The id in an answer, of which all else has to be as it was published. */
export const readAnswer = (status, body, { before, after }) => {
  const text = body.latin1Slice();
  const id = text.slice(before.length, -after.length);
  if (status !== 200 || !text.startsWith(before) || !text.endsWith(after) || id.includes('"')) {
    throw new Error(`not the answer ${before}…${after} but ${status} ${text}`);
  }
  return id;
};

const publisher = (port, path, token) => {
  const socket = new HttpSocket(port);
  const head = postHead(`${path}/publish`, `Bearer ${token}`);
  return {
    /** Resolves to the id, once it is acknowledged. */
    publish: async (channel, n) => {
      const body = `{"channel":"${channel}","message":${messageText(channel, n)}}`;
      const { status, body: answer } = await socket.ask(`${head}${body.length}\r\n\r\n${body}`);
      if (status !== 201) throw new Error(`publishing was answered ${status} ${answer}`);
      return JSON.parse(answer).message_id;
    },
    close: () => socket.close(),
  };
};
