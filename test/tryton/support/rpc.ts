/**
 * A client of trytond's JSON-RPC, as far as the tests need one.
 */
import { databasePath, request, session } from '../../support/http.ts';

type Parameters = ReadonlyArray<unknown>;

const HEADERS = { 'Content-Type': 'application/json' };

/** What trytond said no with: a status, or the error that its method raised. */
class RpcError extends Error {
  override readonly name = 'RpcError';
}

/** Somebody who has logged in. */
export class User {
  readonly id: number;
  readonly authorization: string;
  readonly #url: string;
  readonly #database: string;

  constructor(url: string, database: string, login: string, [id, key]: [number, string]) {
    this.id = id;
    this.authorization = session(id, login, key);
    this.#url = url;
    this.#database = database;
  }

  /** Calls a method with the context that clients put last. */
  call(method: string, params: Parameters, context: object = {}): Promise<unknown> {
    return this.#ask(method, [...params, context]);
  }

  /** Calls a method of the tests' own module. */
  run(method: string, params: Parameters, context?: object): Promise<unknown> {
    return this.call(`model.jetbus_test.publishing.${method}`, params, context);
  }

  /** The same session at another trytond of the database. */
  at(url: string): User {
    return Object.assign(new User(url, this.#database, '', [this.id, '']), {
      authorization: this.authorization,
    });
  }

  async logout(): Promise<void> {
    await this.#ask('common.db.logout', []);
  }

  #ask(method: string, params: Parameters): Promise<unknown> {
    return ask(this.#url, this.#database, method, params, { Authorization: this.authorization });
  }
}

export const login = async (
  url: string,
  database: string,
  name: string,
  password: string,
): Promise<User> => {
  const found = await ask(url, database, 'common.db.login', [name, { password }, 'en']);
  return new User(url, database, name, found as [number, string]);
};

const ask = async (
  url: string,
  database: string,
  method: string,
  params: Parameters,
  headers = {},
): Promise<unknown> => {
  const { status, body } = await request({
    url,
    path: `${databasePath(database)}/`,
    headers: { ...HEADERS, ...headers },
    body: JSON.stringify({ id: 0, method, params }),
  });
  const { result, error } = status === 200 ? JSON.parse(body) : { error: `${status} ${body}` };
  if (error !== undefined) throw new RpcError(`${method}: ${JSON.stringify(error)}`);
  return result;
};
