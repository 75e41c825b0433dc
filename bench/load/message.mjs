/**
 * The messages of the bench: as long as a notification is, each one another, so that an answer shows which it brings.
 */

/** The JSON of the message number `n` on a channel. */
export const messageText = (channel, n) =>
  `{"type":"notification","kind":"notification","title":"Stock is low","body":"Number ${n} on ${channel}: order again, before the last one has gone","priority":1}`;

/** What the body of the answer is before the id and after it. */
export const answerAround = (channel, n) => ({
  before: `{"message":${messageText(channel, n).slice(0, -1)},"message_id":"`,
  after: `"},"channel":"${channel}"}`,
});
