/**
 * Who may call from a browser, as trytond's `[web] cors` decides it. Pure.
 */

/** `same`: no other origin. `listed`: another one that may. `foreign`: another one that may not. */
export type OriginVerdict = 'same' | 'listed' | 'foreign';

/** Judges the value of an Origin header. A browser sends one with every POST, also to the page's own host. */
export const judgeOrigin = (
  origin: string | undefined,
  host: string | undefined,
  listed: ReadonlyArray<string>,
): OriginVerdict => {
  if (origin === undefined || isHost(origin, host)) return 'same';
  return listed.includes(origin) ? 'listed' : 'foreign';
};

/** Whether an origin's host and port are these; a scheme's default port may be left out. */
const isHost = (origin: string, host: string | undefined): boolean => {
  const [, scheme] = /^(https?):\/\/[^/]+$/.exec(origin) ?? [];
  if (scheme === undefined || host === undefined) return false;
  try {
    return new URL(origin).host === new URL(`${scheme}://${host}`).host;
  } catch {
    return false;
  }
};

/** What tells the pages of a listed origin that they may read the answer (Fetch, 3.2). */
export const corsHeaders = (origin: string): Readonly<Record<string, string>> => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Expose-Headers': 'Bus-Resume',
  Vary: 'Origin',
});

/** What a preflight is told beside that: which requests may come. */
export const preflightHeaders = (
  request: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>,
): Readonly<Record<string, string>> => {
  if (request['access-control-request-method'] === undefined) return {};
  const asked = request['access-control-request-headers'];
  return {
    'Access-Control-Allow-Methods': 'POST',
    ...(typeof asked === 'string' ? { 'Access-Control-Allow-Headers': asked } : {}),
  };
};
