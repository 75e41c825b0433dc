/**
 * A request's body as it was before it was compressed.
 */
import { gunzip, inflate as inflateDeflate } from 'node:zlib';

/** A failure of the client's, in fastify's form. */
interface InflateError extends Error {
  readonly statusCode: number;
}

type Done = (error: InflateError | null, body?: Buffer) => void;

/**
 * Undoes a content coding, by its name in any case (RFC 9110, 8.4.1): gzip, deflate or none. What is no such coding is a 415, what
 * is damaged a 400, and what is longer than `limit` bytes a 413.
 */
export const inflate = (
  body: Buffer,
  coding: string | undefined,
  limit: number,
  done: Done,
): void => {
  const decode = coding === undefined ? unchanged : DECODERS[coding.trim().toLowerCase()];
  if (decode === undefined) {
    done(failure(415, 'should be gzip, deflate or none'));
    return;
  }
  decode(body, limit, (error, inflated) => {
    if (error === null) {
      done(null, inflated);
      return;
    }
    const isLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    done(isLong ? failure(413, 'Request body is too large') : failure(400, error.message));
  });
};

type Decode = (
  body: Buffer,
  limit: number,
  done: (error: Error | null, inflated: Buffer) => void,
) => void;

const unchanged: Decode = (body, _limit, done) => done(null, body);
const fromGzip: Decode = (body, limit, done) => gunzip(body, { maxOutputLength: limit }, done);

const DECODERS: Readonly<Record<string, Decode>> = {
  '': unchanged,
  identity: unchanged,
  gzip: fromGzip,
  'x-gzip': fromGzip,
  deflate: (body, limit, done) => inflateDeflate(body, { maxOutputLength: limit }, done),
};

const failure = (statusCode: number, message: string): InflateError =>
  Object.assign(new Error(message), { statusCode });
