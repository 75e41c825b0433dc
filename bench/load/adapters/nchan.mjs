/**
 * How the load talks to nchan, a module of nginx: a poll is a GET, the id of the last message is two headers, and the answer's body
 * is what was published, byte for byte. So what is published is what Jetbus answers, an id with it.
 */
import { HttpSocket } from '../http-socket.mjs';
import { answerAround } from '../message.mjs';

const ID = 'of-the-load-alone-1-00000000';
const STATUS = 'GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

export const nchanAdapter = ({ port }) => ({
  pollText: ({ channel, last }) =>
    `GET /subscribe/${channel} HTTP/1.1\r\nHost: 127.0.0.1\r\n${last ?? ''}\r\n`,
  readAnswer: (status, head, body, { channel, received }) => {
    const text = body.latin1Slice();
    if (status !== 200 || text !== bodyOf(channel, received + 1)) {
      throw new Error(`not the message ${received + 1} on ${channel} but ${status} ${text}`);
    }
    const [, time] = /\r\nLast-Modified: ([^\r]+)/.exec(head);
    const [, tag] = /\r\nEtag: ([^\r]+)/i.exec(head);
    return `If-Modified-Since: ${time}\r\nIf-None-Match: ${tag}\r\n`;
  },
  publisher: () => publisher(port),
  held: async (control) => {
    const { body } = await control.ask(STATUS);
    return Number(/subscribers: (\d+)/.exec(body)?.[1]);
  },
});

const bodyOf = (channel, n) => {
  const { before, after } = answerAround(channel, n);
  return `${before}${ID}${after}`;
};

const publisher = (port) => {
  const socket = new HttpSocket(port);
  return {
    publish: async (channel, n) => {
      const body = bodyOf(channel, n);
      const head = `POST /publish/${channel} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json`;
      const { status } = await socket.ask(
        `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      if (status !== 201 && status !== 202) throw new Error(`publishing was answered ${status}`);
    },
    close: () => socket.close(),
  };
};
