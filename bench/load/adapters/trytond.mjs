/**
 * How the load talks to trytond: it polls as it polls Jetbus, with the session of a user who has logged in. Messages are published as
 * trytond publishes them, by NOTIFY, and straight in PostgreSQL, so that nothing but the bus is measured.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf } from '../../processes.mjs';
import { messageText } from '../message.mjs';
import { lastAround, pollTextOf, readAnswer } from './jetbus.mjs';

const QUIET_MS = 60;

export const trytondAdapter = ({ database, authorization, psql, pids }) => {
  const around = lastAround();
  return {
    pollText: pollTextOf(`/${database}/bus`, () => authorization),
    readAnswer: (status, _head, body, { channel, received }) =>
      readAnswer(status, body, around(channel, received + 1)),
    publisher: () => publisher(psql),
    /** It does not say: a server that does nothing for a while has taken all polls. */
    held: async (_control, count) => {
      for (let before = -1; ; ) {
        const { user, system } = cpuOf(pids.server);
        if (user + system === before) return count;
        before = user + system;
        await pause(QUIET_MS);
      }
    },
  };
};

const publisher = ([program, ...args]) => {
  const process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const acknowledged = [];
  createInterface({ input: process.stdout }).on('line', () => acknowledged.shift()());
  return {
    publish: (channel, n) => {
      const id = randomUUID();
      const message = `${messageText(channel, n).slice(0, -1)},"message_id":"${id}"}`;
      process.stdin.write(`NOTIFY "bus", '{"channel":"${channel}","message":${message}}';\n`);
      return new Promise((resolve) => acknowledged.push(() => resolve(id)));
    },
    close: () => process.stdin.end(),
  };
};
