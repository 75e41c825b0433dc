/**
 * How a command ends: with one of these codes, from 64 on as sysexits.h has them, and words on the error stream.
 */
import { type BusError, describe } from '../bus/errors.ts';

export const EXIT = {
  /** Done. */
  ok: 0,
  /** A recorded answer is not what it should have been. */
  diverged: 1,
  /** Nothing diverged, and not everything could be verified. */
  unverified: 2,
  /** The command line, or an environment variable, is wrong. */
  usage: 64,
  /** What was given cannot be published, polled for, or read: an id of another log, a file that is no history. */
  data: 65,
  /** The node, the log or the address cannot be used now. */
  unavailable: 69,
  /** A defect of the bus. */
  software: 70,
  /** The directory of the log is another process's. */
  inUse: 73,
  /** The token or the session does not hold. */
  noPermission: 77,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that the user is told of in one line. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The failure that an error of the bus is to a command. */
export const failureOf = (error: BusError): Failure => new Failure(codeOf(error), describe(error));

const codeOf = (error: BusError): ExitCode => {
  switch (error._tag) {
    case 'BadRequest':
    case 'Conflict':
    case 'TooLarge':
      return EXIT.data;
    case 'Unauthorized':
    case 'BasicAuthorization':
      return EXIT.noPermission;
    case 'BusDisabled':
    case 'LogUnavailable':
    case 'SessionsUnavailable':
    case 'Closed':
      return EXIT.unavailable;
  }
};
