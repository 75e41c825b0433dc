/**
 * What a bare server does with the bench's requests, whatever it reads and writes them with: it parks polls by their channel, and a
 * publish answers those that are parked. `answer` takes a client, a status and a text; `answerAll` gives many clients one text.
 */

/** As long as the ids of Jetbus, so that the answers are. */
const EPOCH = 'the-floor-of-all';
const CHECK = '00000000';

/** Answers with what takes each request: its path, its body and the client to answer. */
export const parkedPolls = (answer, answerAll) => {
  const held = new Map();
  let count = 0;
  let sequence = 0;

  const hold = ({ channels: [channel] }, client) => {
    count += 1;
    const others = held.get(channel);
    if (others === undefined) held.set(channel, [client]);
    else others.push(client);
  };

  const publish = ({ channel, message }, client) => {
    sequence += 1;
    const id = `${EPOCH}-${sequence}-${CHECK}`;
    const text = JSON.stringify({ message: { ...message, message_id: id }, channel });
    const waiting = held.get(channel) ?? [];
    held.delete(channel);
    count -= waiting.length;
    answerAll(waiting, text);
    answer(client, 201, JSON.stringify({ channel, message_id: id }));
  };

  return (path, body, client) => {
    if (path === '/-/readyz') answer(client, 200, JSON.stringify({ held: count }));
    else if (path === '/bench/bus') hold(JSON.parse(body), client);
    else publish(JSON.parse(body), client);
  };
};
