/**
 * The protocol as a suite: what a client or a publisher of the bus may rely on, one sentence a test. It is written from the
 * specification, and knows a bus by its URL alone.
 */
import { describe } from 'vitest';
import { describeAuthorization } from './protocol-authorization.ts';
import { describeBytes } from './protocol-bytes.ts';
import { describeChannels } from './protocol-channels.ts';
import { describeConnections } from './protocol-connections.ts';
import { describeCors } from './protocol-cors.ts';
import { describeEncodings } from './protocol-encodings.ts';
import { describeErrors } from './protocol-errors.ts';
import type { StartBus } from './protocol-fixture.ts';
import { describeNotify } from './protocol-notify.ts';
import { describePolls } from './protocol-poll.ts';
import { describePublish } from './protocol-publish.ts';
import { describeRefusedMessages } from './protocol-refused.ts';
import { describeResume } from './protocol-resume.ts';
import { describeRoutes } from './protocol-routes.ts';

export const describeProtocol = (name: string, start: StartBus): void => {
  describe(`the protocol on ${name}`, () => {
    describePolls(start);
    describeChannels(start);
    describeResume(start);
    describeConnections(start);
    describeBytes(start);
    describeErrors(start);
    describeEncodings(start);
    describeAuthorization(start);
    describeCors(start);
    describePublish(start);
    describeRefusedMessages(start);
    describeNotify(start);
    describeRoutes(start);
  });
};
