/**
 * A machine as Markdown: a diagram, and a table of what each event does in each state. Made from the machine itself.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

interface Row {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly actions: ReadonlyArray<string>;
}

const named = (actions: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  actions.map((action) =>
    typeof action === 'object' && action !== null && 'type' in action
      ? String(action.type)
      : String(action),
  );

const pathOf = (node: AnyStateNode): string => node.path.join('.');

const nodesOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  Object.values(node.states).flatMap((child) => [child, ...nodesOf(child)]);

const rowsOf = (machine: AnyStateMachine): ReadonlyArray<Row> =>
  nodesOf(machine.root).flatMap((node) =>
    [...node.transitions].flatMap(([event, transitions]) =>
      transitions.map(({ target, actions }) => ({
        from: pathOf(node),
        event,
        to: target?.[0] === undefined ? pathOf(node) : pathOf(target[0]),
        actions: named(actions),
      })),
    ),
  );

const list = (names: ReadonlyArray<string>): string =>
  names.map((name) => `\`${name}\``).join(', ');

const leafOf = (path: string): string => path.split('.').at(-1) ?? path;

const diagram = (machine: AnyStateMachine): ReadonlyArray<string> => {
  const compound = nodesOf(machine.root).filter(({ type }) => type === 'compound');
  const nested = compound.flatMap((node) => [
    `  state ${node.key} {`,
    `    [*] --> ${node.initial.target[0]?.key}`,
    ...Object.keys(node.states).map((key) => `    ${key}`),
    '  }',
  ]);
  const finals = nodesOf(machine.root).filter(({ type }) => type === 'final');
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${machine.root.initial.target[0]?.key}`,
    ...nested,
    ...rowsOf(machine).map(
      ({ from, event, to }) => `  ${leafOf(from)} --> ${leafOf(to)}: ${event}`,
    ),
    ...finals.map(({ key }) => `  ${key} --> [*]`),
    '```',
  ];
};

/** The section of one machine. */
export const statechart = (
  title: string,
  text: string,
  machine: AnyStateMachine,
): ReadonlyArray<string> => [
  `## ${title}`,
  '',
  text,
  '',
  ...diagram(machine),
  '',
  '| State | Event | Becomes | Then |',
  '| --- | --- | --- | --- |',
  ...rowsOf(machine).map(
    ({ from, event, to, actions }) => `| ${from} | ${event} | ${to} | ${list(actions)} |`,
  ),
  '',
  '| State | On entering | On leaving |',
  '| --- | --- | --- |',
  ...nodesOf(machine.root)
    .filter(({ entry, exit }) => entry.length + exit.length > 0)
    .map((node) => `| ${pathOf(node)} | ${list(named(node.entry))} | ${list(named(node.exit))} |`),
  '',
];
