/**
 * A connection of the load: a raw socket with just enough HTTP to know where an answer ends, since what the load costs is taken
 * from the machine that the server runs on. All sockets read into one buffer, and an answer is looked at where it lies.
 */
import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const IS_LAST = /^HTTP\/1\.0|\r\nconnection: *close/i;

const shared = Buffer.allocUnsafe(1024 * 1024);

/** An answer that has come in; `body` is to be read at once, for its bytes are overwritten by what comes next. */
export class HttpSocket {
  #port;
  #socket;
  #answered;
  /** The beginning of an answer whose rest is still to come. */
  #begun;
  /** What happens when the server closes while an answer is due. */
  #broken;

  constructor(port, broken = failBroken) {
    this.#port = port;
    this.#broken = broken;
  }

  get isOpen() {
    return this.#socket !== undefined;
  }

  /** Connects; done when it is. */
  open() {
    return new Promise((resolve) => {
      const onread = { buffer: shared, callback: (length) => this.#read(length) };
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.once('connect', resolve);
      socket.on('error', () => {});
      socket.once('close', () => this.#closed(socket));
    });
  }

  /** Sends a request, on a new connection if the server closed the last one. */
  send(text, answered) {
    if (this.#answered !== undefined) throw new Error('a request was sent before the last answer');
    this.#answered = answered;
    if (this.#socket === undefined) void this.open();
    this.#socket.write(text, 'latin1');
  }

  /** Sends a request, and resolves to a copy of its answer. */
  ask(text) {
    return new Promise((resolve) => {
      this.send(text, (status, head, body) => resolve({ status, head, body: body.toString() }));
    });
  }

  /** From now on requests go to another port. */
  moveTo(port) {
    this.#port = port;
  }

  /** Leaves nothing behind in the kernel. */
  close() {
    this.#answered = undefined;
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
  }

  #read(length) {
    let bytes = shared.subarray(0, length);
    if (this.#begun !== undefined) bytes = Buffer.concat([this.#begun, bytes]);
    this.#begun = undefined;
    const headEnd = bytes.indexOf(HEAD_END);
    const head = headEnd === -1 ? '' : bytes.latin1Slice(0, headEnd);
    const start = headEnd + HEAD_END.length;
    const end = headEnd === -1 ? Infinity : start + lengthOf(head);
    if (bytes.length < end) {
      this.#begun = Buffer.from(bytes);
      return true;
    }
    if (bytes.length > end) throw new Error(`more than an answer came:\n${bytes.toString()}`);
    this.#take(head, bytes.subarray(start, end));
    return true;
  }

  #take(head, body) {
    const answered = this.#answered;
    if (answered === undefined) throw new Error(`an answer that nobody asked for:\n${head}`);
    this.#answered = undefined;
    if (IS_LAST.test(head)) {
      this.#socket.destroy();
      this.#socket = undefined;
    }
    answered(Number(head.slice(9, 12)), head, body);
  }

  #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#begun = undefined;
    if (this.#answered === undefined) return;
    this.#answered = undefined;
    this.#broken(this);
  }
}

const lengthOf = (head) => {
  const length = LENGTH.exec(head);
  if (length === null) throw new Error(`an answer without a length:\n${head}`);
  return Number(length[1]);
};

const failBroken = () => {
  throw new Error('the server closed a connection before it had answered');
};
