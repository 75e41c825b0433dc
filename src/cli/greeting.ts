/**
 * What `jetbus serve` says when it listens. Pure.
 */
import type { ServeOptions } from './serve-options.ts';

type Facts = Pick<ServeOptions, 'sessions' | 'publishToken'>;

export const greeting = (url: string, { sessions, publishToken }: Facts): string =>
  sessions.type === 'trust' ? welcome(url, publishToken) : serving(url);

const serving = (url: string): string => `Jetbus serves on ${url}\n`;

/** For whoever tries it out: nobody has to log in. */
const welcome = (url: string, publishToken: string | undefined): string => {
  const token =
    publishToken === undefined ? '' : ` -H "Authorization: Bearer $JETBUS_PUBLISH_TOKEN"`;
  const json = `-H 'Content-Type: application/json'`;
  return `${serving(url)}
Hold a poll:
  curl ${json} -H 'Authorization: Session ZGVtbzoxOmtleQ==' -d '{"channels":["hello"]}' ${url}/demo/bus

Answer it from another terminal:
  curl ${json}${token} -d '{"channel":"hello","message":{"type":"greeting"}}' ${url}/demo/bus/publish

`;
};
