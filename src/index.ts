/**
 * Jetbus as a library: a bus on any log, in this process. `jetbus/jetstream` has the log on NATS, `jetbus/model` the machine.
 */

export type { BusError } from './bus/errors.ts';
export { createResponse, type Response } from './bus/response.ts';
export type { Resume } from './bus/resume.ts';
export {
  type Bus,
  BusFailure,
  type BusOptions,
  createBus,
  type Notification,
  type PublishOptions,
  type SubscribeOptions,
} from './library/bus.ts';
export { fileLog, memoryLog } from './library/logs.ts';
export type { Delivery } from './library/subscription.ts';
export type { Log } from './log/log.ts';
