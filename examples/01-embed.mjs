/**
 * A bus inside a program: one part of it publishes, another one listens.
 *
 *     npm run build && node examples/01-embed.mjs
 */
import { stdout } from 'node:process';
import { createBus, memoryLog } from 'jetbus';

const bus = createBus({ log: memoryLog() });

await bus.publish('demo', 'orders', { type: 'order', number: 41 });
await bus.notify('demo', { title: 'Order 41 was shipped', user: 7 });

// Whoever comes late gets what was said in the last five minutes, and then what is said next.
let last;
for await (const { channel, message, messageId } of bus.subscribe('demo', ['orders', 'user:7'])) {
  stdout.write(`${channel}: ${message.type} ${message.number ?? message.title}\n`);
  last = messageId;
  if (channel === 'user:7') break;
}

// Whoever went away goes on after the last message that it saw.
await bus.publish('demo', 'orders', { type: 'order', number: 42 });
const deliveries = bus.subscribe('demo', ['orders', 'user:7'], last);
const { value } = await deliveries.next();
stdout.write(`${value.resume}: ${value.channel}: order ${value.message.number}\n`);

await bus.close();
