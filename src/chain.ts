/**
 * Members in the order they came, each with a link that knows its place: to add and to remove one is the same few steps however
 * many there are, and looks nothing up.
 */
export interface Link<A> {
  readonly item: A;
  /** The chain that it is in; undefined once it was removed. */
  readonly chain: Chain<A> | undefined;
}

class OwnLink<A> implements Link<A> {
  readonly item: A;
  chain: Chain<A> | undefined;
  before: OwnLink<A> | undefined;
  after: OwnLink<A> | undefined;

  constructor(item: A, chain: Chain<A>, before: OwnLink<A> | undefined) {
    this.item = item;
    this.chain = chain;
    this.before = before;
    this.after = undefined;
  }
}

export class Chain<A> {
  #first: OwnLink<A> | undefined;
  #last: OwnLink<A> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first. */
  get first(): Link<A> | undefined {
    return this.#first;
  }

  add(item: A): Link<A> {
    const link = new OwnLink(item, this, this.#last);
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Removes a member, once. */
  remove(link: Link<A>): void {
    if (link.chain !== this) return;
    const { before, after } = link as OwnLink<A>;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    (link as OwnLink<A>).chain = undefined;
    this.#size -= 1;
  }

  /** The members there are now. */
  members(): ReadonlyArray<A> {
    const all: Array<A> = [];
    for (let link = this.#first; link !== undefined; link = link.after) all.push(link.item);
    return all;
  }
}
