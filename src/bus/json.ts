/**
 * JSON as text, where the bytes count.
 *
 * `members` cuts an object's text into its top-level members and checks on the way that every Tryton client can read the
 * whole: their listeners die of JSON that Python's reader refuses (docs/protocol.md, "What a message may be"). The text is
 * never written anew, so unknown keys, escapes, big integers and white space stay as the publisher wrote them.
 */
import { E } from '../fp.ts';
import { type BadRequest, badRequest } from './errors.ts';
import { type Fields, type Literal, OTHER, whyBroken } from './tryton-class.ts';

/** Python refuses a nesting near 1,000, less the frames of its caller. */
export const MAX_DEPTH = 500;

/** Python refuses to read a longer integer. */
const MAX_INTEGER_DIGITS = 4300;

/** A path is for people: a key may be as long as the message. */
const MAX_PATH = 200;

/** One member of an object's text: the decoded key, and where the member and its value stand. */
export interface Member {
  readonly key: string;
  /** From behind the brace or comma before it … */
  start: number;
  /** … to the comma or brace behind it. */
  end: number;
  valueStart: number;
  valueEnd: number;
}

/**
 * The top-level members of a JSON object, in order; a key may occur more than once.
 * Refused: what is no JSON, no object, too deep, an integer too long, or a broken `__class__` object, each with its path.
 */
export const members = (
  text: string,
  maxDepth = MAX_DEPTH,
): E.Either<BadRequest, ReadonlyArray<Member>> => {
  const invalid = whyNotAnObject(text);
  return invalid === undefined ? new Walk(text, maxDepth).run() : E.left(invalid);
};

const whyNotAnObject = (text: string): BadRequest | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? undefined : badRequest('invalid_message', '', 'should be a JSON object');
  } catch (error) {
    return badRequest('invalid_json', '', (error as SyntaxError).message);
  }
};

/** An object or array that is open: the key or index it is at, and its literal fields where a class may be among them. */
interface Frame {
  readonly isObject: boolean;
  readonly fields: Fields | undefined;
  key: string;
  index: number;
  expectsKey: boolean;
}

/** One walk over text that is known to be valid JSON: a loop with a stack of its own, which no depth overflows. */
class Walk {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #mayHaveClass: boolean;
  readonly #stack: Array<Frame> = [];
  readonly #members: Array<Member> = [];
  /** Where the token stands that is looked at. */
  #start = 0;
  #end = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#mayHaveClass = /__class__|\\u/.test(text);
  }

  run(): E.Either<BadRequest, ReadonlyArray<Member>> {
    const { length } = this.#text;
    while (this.#end < length) {
      this.#start = this.#end;
      this.#end += 1;
      const reason = this.#take();
      if (reason !== undefined) return E.left(badRequest('invalid_message', this.#path(), reason));
    }
    return E.right(this.#members);
  }

  /** Takes one token, or a white space; answers why the text is to be refused at it. */
  #take(): string | undefined {
    switch (this.#text[this.#start]) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ':':
        return undefined;
      case '"':
        this.#end = endOfString(this.#text, this.#start);
        return this.#string();
      case ',':
        return this.#comma();
      case '{':
        return this.#open(true);
      case '[':
        return this.#open(false);
      case '}':
      case ']':
        return this.#close();
      case 't':
      case 'f':
      case 'n':
        this.#end = endOfWord(this.#text, this.#start);
        return this.#value(OTHER);
      default:
        this.#end = endOfWord(this.#text, this.#start);
        return this.#number();
    }
  }

  get #token(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  #open(isObject: boolean): string | undefined {
    this.#value(OTHER);
    if (this.#stack.length === this.#maxDepth) return `should not nest deeper than ${MAX_DEPTH}`;
    const fields = isObject && this.#mayHaveClass ? new Map<string, Literal>() : undefined;
    this.#stack.push({ isObject, fields, key: '', index: 0, expectsKey: isObject });
    return undefined;
  }

  #close(): string | undefined {
    this.#endMember();
    const frame = this.#stack.pop();
    if (this.#stack.length === 1) this.#endValue();
    return frame?.fields === undefined
      ? undefined
      : whyBroken(frame.fields, this.#stack.length === 0);
  }

  #comma(): undefined {
    this.#endMember();
    const frame = this.#stack.at(-1);
    if (frame === undefined) return;
    frame.index += 1;
    frame.expectsKey = frame.isObject;
  }

  #string(): undefined {
    const frame = this.#stack.at(-1);
    if (!frame?.expectsKey) {
      const isField = frame?.fields !== undefined;
      return this.#value(isField ? { type: 'string', value: JSON.parse(this.#token) } : OTHER);
    }
    frame.key = keyOf(this.#token);
    frame.expectsKey = false;
    if (this.#stack.length > 1) return;
    const before = this.#members.at(-1)?.end ?? this.#text.indexOf('{');
    this.#members.push({ key: frame.key, start: before + 1, end: 0, valueStart: 0, valueEnd: 0 });
  }

  #number(): string | undefined {
    const isLong = this.#end - this.#start > MAX_INTEGER_DIGITS;
    if (isLong && /^-?\d{4301,}$/.test(this.#token)) {
      return `should be an integer of at most ${MAX_INTEGER_DIGITS} digits`;
    }
    return this.#value(this.#mayHaveClass ? { type: 'number', source: this.#token } : OTHER);
  }

  /** A value begins: one that is whole already, or the bracket that opens one. */
  #value(literal: Literal): undefined {
    const frame = this.#stack.at(-1);
    frame?.fields?.set(frame.key, literal);
    const member = this.#members.at(-1);
    if (this.#stack.length !== 1 || member === undefined) return;
    member.valueStart = this.#start;
    this.#endValue();
  }

  #endValue(): void {
    const member = this.#members.at(-1);
    if (member !== undefined) {
      member.valueEnd = this.#end;
    }
  }

  #endMember(): void {
    const member = this.#members.at(-1);
    if (this.#stack.length === 1 && member !== undefined) {
      member.end = this.#start;
    }
  }

  #path(): string {
    const path = this.#stack
      .map((frame) => (frame.isObject ? frame.key : String(frame.index)))
      .join('.');
    return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path;
  }
}

/** Behind the quote that ends the string which begins at `start`: the next one that no odd run of backslashes escapes. */
const endOfString = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
};

const AFTER_WORD = new Set([' ', '\t', '\n', '\r', ',', ']', '}']);

/** Behind the number, or the `true`, `false` or `null`, that begins at `start`. */
const endOfWord = (text: string, start: number): number => {
  let end = start + 1;
  while (!AFTER_WORD.has(text[end] ?? ' ')) end += 1;
  return end;
};

const keyOf = (token: string): string =>
  token.includes('\\') ? JSON.parse(token) : token.slice(1, -1);
