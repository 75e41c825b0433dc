/**
 * Many clients that poll on and on, each at once after its answer and with the id that it brought. Whatever a client is
 * answered has to be the next message of its channel: a wrong one, a missing one or one that comes twice fails the run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HttpSocket } from './http-socket.mjs';

/** No more at once than a server's backlog takes. */
const BATCH = 100;
const PATIENCE_MS = 60_000;

class Subscriber {
  received = 0;
  last = undefined;
  /** The beginning of its polls, which is always the same. */
  head = undefined;
  #crowd;
  #answered = (status, head, body) => this.#receive(status, head, body);

  constructor(crowd, number, channel, port) {
    this.#crowd = crowd;
    this.number = number;
    this.channel = channel;
    this.socket = new HttpSocket(port, () => crowd.broken(this));
  }

  poll() {
    this.socket.send(this.#crowd.adapter.pollText(this), this.#answered);
  }

  #receive(status, head, body) {
    const at = performance.now();
    this.last = this.#crowd.adapter.readAnswer(status, head, body, this);
    this.received += 1;
    this.poll();
    this.#crowd.received(this, at);
  }
}

export class Subscribers {
  adapter;
  all = [];
  #port;
  #control;
  #received = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #done;
  #listener = () => {};
  #brokenListener = () => {
    throw new Error('the server closed a connection before it had answered');
  };

  constructor(adapter, port) {
    this.adapter = adapter;
    this.#port = port;
    this.#control = new HttpSocket(port);
  }

  /** Adds clients until there are so many. The first poll from the start, and later ones from where those are. */
  async open(count, channelOf) {
    const { received = 0, last } = this.all[0] ?? {};
    while (this.all.length < count) {
      const first = this.all.length + 1;
      const length = Math.min(BATCH, count - this.all.length);
      const batch = Array.from({ length }, (_, n) => {
        const subscriber = new Subscriber(this, first + n, channelOf(first + n), this.#port);
        return Object.assign(subscriber, { received, last });
      });
      await Promise.all(batch.map(({ socket }) => socket.open()));
      for (const each of batch) each.poll();
      this.all.push(...batch);
    }
    await this.untilHeld();
  }

  /** Is told of each message that a client received, and when. */
  onMessage(listener) {
    this.#listener = listener;
  }

  /** Is told of each client whose connection the server closed; unless somebody is, that fails the run. */
  onBroken(listener) {
    this.#brokenListener = listener;
  }

  broken(subscriber) {
    this.#brokenListener(subscriber);
  }

  received(subscriber, at) {
    this.#received += 1;
    this.#listener(subscriber, at);
    if (this.#received === this.#wanted) this.#done();
  }

  /** Does what makes them receive so many messages, all together; done when they have. */
  async receive(count, begin) {
    const due = this.#received + count;
    const enough = new Promise((resolve) => {
      [this.#wanted, this.#done] = [due, resolve];
    });
    const tooLong = setTimeout(() => {
      throw new Error(`${due - this.#received} of ${count} messages are missing`);
    }, PATIENCE_MS);
    await begin();
    if (this.#received < due) await enough;
    clearTimeout(tooLong);
  }

  /** Done when the server says that it holds a poll of every client. */
  async untilHeld() {
    const { length } = this.all;
    const deadline = performance.now() + PATIENCE_MS;
    for (let tries = 0; ; tries += 1) {
      const held = await this.adapter.held(this.#control, length);
      if (held === length) return;
      if (performance.now() > deadline) throw new Error(`${held} polls are held, not ${length}`);
      if (tries > 0) await pause(5);
    }
  }

  /** Asks another server from now on. */
  moveControlTo(port) {
    this.#control.close();
    this.#control = new HttpSocket(port);
  }

  close() {
    for (const { socket } of this.all) socket.close();
    this.#control.close();
  }
}
