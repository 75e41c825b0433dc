import { expect, test } from 'vitest';
import { connectionMachine } from '../../src/connection/machine.ts';
import { nodeMachine } from '../../src/hub/node-machine.ts';
import { tailMachine } from '../../src/hub/tail-machine.ts';
import { statechart } from '../support/statechart.ts';

const CONNECTION = `One poll, from its request to the end of its answer. Every held poll is in one of these states and nowhere
else. It is run as a table (\`src/connection/step.ts\`), and its actions are effects that the hub carries out. An event that a
state has no row for changes nothing.`;

const TAIL = `The one follower of the log in a node: an XState actor (\`src/hub/tail.ts\`), whose state \`/-/readyz\` shows.`;

const NODE = `The node: an XState actor (\`src/hub/node.ts\`), whose state \`/-/readyz\` shows. A tail that stalls does not change it.`;

test('docs/machine.md is what the machines are; npx vitest -u writes it anew', async () => {
  const text = [
    '# The machines',
    '',
    'Made from the machines by `test/unit/statecharts.test.ts`, which fails when this page is stale.',
    '',
    ...statechart('The connection', CONNECTION, connectionMachine),
    ...statechart('The tail', TAIL, tailMachine),
    ...statechart('The node', NODE, nodeMachine),
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../docs/machine.md');
});
