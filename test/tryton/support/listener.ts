/**
 * A client that listens as Tryton's do: one poll after the other, each with the id of the message before.
 */
import { type Answer, type HeldPoll, poll } from '../../support/http.ts';

export interface Heard {
  readonly channel: string;
  readonly message: Readonly<Record<string, unknown>> & { readonly message_id: string };
}

export interface Listening {
  /** The bus's, or a proxy's before it. */
  readonly url: string;
  readonly database: string;
  /** A header; none is sent if not given. */
  readonly authorization: string | undefined;
  readonly channels?: ReadonlyArray<string>;
}

/** One poll, from the start that a client has which has heard nothing yet. */
export const pollOnce = (
  { url, database, authorization, channels = [] }: Listening,
  lastMessage: string | null = null,
): HeldPoll =>
  poll(url, database, { channels, last_message: lastMessage }, { Authorization: authorization });

export class Listener {
  readonly #listening: Listening;
  #last: string | null = null;

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  /** One poll; where it stands moves on with the answer. */
  async poll(): Promise<Answer> {
    const answer = await pollOnce(this.#listening, this.#last);
    if (answer.status === 200)
      this.#last = JSON.parse(answer.body).message?.message_id ?? this.#last;
    return answer;
  }

  /** The next message; fails when the bus answers with an error. */
  async next(): Promise<Heard> {
    for (;;) {
      const { status, body } = await this.poll();
      if (status !== 200) throw new Error(`the poll was answered ${status} ${body}`);
      const heard = JSON.parse(body);
      if (heard.message !== null) return heard;
    }
  }

  /** The titles or texts of the next so many messages. */
  async words(count: number): Promise<ReadonlyArray<unknown>> {
    const words: Array<unknown> = [];
    while (words.length < count) {
      const { title, text } = (await this.next()).message;
      words.push(title ?? text);
    }
    return words;
  }
}
