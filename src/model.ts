/**
 * The model of a connection, to test clients and servers against: `jetbus/model`.
 */
export type { ConnectionEvent, ConnectionEventType } from './connection/event.ts';
export { connectionMachine, type Effect } from './connection/machine.ts';
export { connectionPaths, type Path, type PathStep, simplePaths } from './connection/paths.ts';
export { type ConnectionState, initialState, type Step, step } from './connection/step.ts';
