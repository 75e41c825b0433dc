/**
 * What trytond's answer to a question about a session means. Pure.
 *
 * The question is a poll of trytond's own bus, which looks at the session before anything else: it answers 401 to one that
 * does not hold, and to one that does 501 where its bus is off, 308 where that is elsewhere, and 503 with a mark where it is
 * the plug-in's (decision 0009).
 */

/** `Unknown`: it could not be found out, and `reason` says why. `Untrusted`: whoever answers says yes to anybody. */
export type Verdict =
  | { readonly _tag: 'Holds' }
  | { readonly _tag: 'Ended' }
  | { readonly _tag: 'Unknown'; readonly reason: string }
  | { readonly _tag: 'Untrusted'; readonly reason: string };

export const HOLDS: Verdict = { _tag: 'Holds' };
export const ENDED: Verdict = { _tag: 'Ended' };
export const unknown = (reason: string): Verdict => ({ _tag: 'Unknown', reason });

/** Marks a question, so that a node which is asked by a node says so. */
export const QUESTION_HEADER = 'jetbus-question';
/** Marks the plug-in's answer to a session that holds. */
export const SESSION_HEADER = 'jetbus-session';

/** What the answer's status, its WWW-Authenticate header and the plug-in's mark say. */
export const verdictOf = (
  status: number,
  challenge: string | undefined,
  mark: string | undefined,
): Verdict => {
  if (mark === 'holds') return HOLDS;
  switch (status) {
    case 308:
    case 501:
      return HOLDS;
    case 401:
      return challenge === TRYTONDS_CHALLENGE
        ? ENDED
        : unknown('the 401 is not trytond’s own: what stands before it wants to know who asks');
    default:
      return unknown(`trytond answers ${status}${HINTS[status] ?? ''}`);
  }
};

const TRYTONDS_CHALLENGE = 'Basic realm="Tryton"';

const OWN_BUS = ': its own bus answers; set its [bus] class to trytond_jetbus.Bus';
const HINTS: Readonly<Record<number, string>> = {
  200: OWN_BUS,
  404: ': there is no bus at that address',
  500: ': it may have no such database (see its log)',
  508: ': Jetbus itself is there; name trytond’s own address, not the proxy’s',
};
