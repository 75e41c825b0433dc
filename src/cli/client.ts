/**
 * Asks a node over HTTP, as long as it takes: undici's own time-outs would end a held poll.
 */
import type { Dispatcher } from 'undici';
import { EXIT, Failure } from './exit.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

let agent: Dispatcher | undefined;

/** Posts JSON text; throws a `Failure` when there is no answer. */
export const post = async (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> => {
  const { Agent, request } = await import('undici');
  agent ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  try {
    const response = await request(url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
      dispatcher: agent,
    });
    return { status: response.statusCode, body: await response.body.text() };
  } catch (error) {
    throw new Failure(EXIT.unavailable, `${url}: ${(error as Error).message}`);
  }
};

/** The failure that a reply tells of. */
export const failureOfReply = ({ status, body }: Reply): Failure => {
  const code = status === 401 ? EXIT.noPermission : status >= 500 ? EXIT.unavailable : EXIT.data;
  return new Failure(code, body === '' ? `the node answered ${status}` : `${status} ${body}`);
};
