/**
 * Tests a client against the model of a connection: every way to an answer is one that the client must cope with.
 *
 *     npm run build && node examples/02-test-a-client.mjs
 */
import assert from 'node:assert/strict';
import { stdout } from 'node:process';
import { createResponse } from 'jetbus';
import { connectionPaths, initialState, step } from 'jetbus/model';

/** The client under test: where it stands after an answer, and when it polls again. */
const client = (last, { status, body }) => {
  if (status === 501) return { last, again: 'never' };
  if (status !== 200) return { last, again: 'later' };
  return { last: JSON.parse(body).message?.message_id ?? last, again: 'at once' };
};

const entry = { channel: 'hello', message: { type: 'greeting', message_id: 'x-2-00000000' } };
const bare = ['ADMITTED', 'NOTHING', 'FAILED', 'DEADLINE', 'DRAIN', 'SESSION_ENDED', 'LOG_RESET'];
const events = [
  ...bare.map((type) => ({ type })),
  { type: 'FOUND', entry },
  { type: 'ARRIVED', entry },
  { type: 'REFUSED', error: { _tag: 'Unauthorized' } },
  { type: 'REFUSED', error: { _tag: 'BusDisabled' } },
  { type: 'WRITTEN' },
];

const ok = (response) => ({ status: 200, body: JSON.stringify(response) });
/** What each effect that answers sends to a client at `x-1`, and what the client should make of it. */
const answers = {
  answer: () => [ok(createResponse(entry.channel, entry.message)), 'x-2-00000000', 'at once'],
  answerNothing: () => [ok(createResponse()), 'x-1-00000000', 'at once'],
  refuse: ({ error }) =>
    error._tag === 'BusDisabled'
      ? [{ status: 501, body: '' }, 'x-1-00000000', 'never']
      : [{ status: 401, body: '' }, 'x-1-00000000', 'later'],
};

const paths = connectionPaths(events);
for (const { description, steps } of paths) {
  let state = initialState;
  for (const { event } of steps) {
    const outcome = step(state, event);
    state = outcome.state;
    const effect = outcome.effects.find((name) => name in answers);
    if (effect === undefined) continue;
    const [answer, last, again] = answers[effect](event);
    stdout.write(`${description}: ${answer.status} ${answer.body}\n`);
    assert.deepEqual(client('x-1-00000000', answer), { last, again }, description);
  }
}
stdout.write(`The client copes with all ${paths.length} ways.\n`);
