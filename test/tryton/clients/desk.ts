/**
 * What a user sees of a desktop: the notifications that programs show on it. It is a D-Bus of its own, with nothing on it but a
 * server of notifications, and a screen that nobody looks at for the programs that need one.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout, directory, type Running, startProgram } from '../../support/cli.ts';
import { PYTHON } from '../support/packages.ts';

export interface Notification {
  /** The program that shows it. */
  readonly application: string;
  readonly title: string;
  readonly body: string;
}

const SERVER = join(checkout, 'test/tryton/clients/notifications.py');

/** Everybody may talk to everybody, and no program is started because somebody asks for it. */
const busSettings = (folder: string): string => `
<busconfig>
  <type>session</type>
  <listen>unix:dir=${folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export class Desk {
  /** The environment of the programs on it. */
  readonly env: Readonly<Record<string, string>>;
  readonly #server: Running;

  private constructor(env: Readonly<Record<string, string>>, server: Running) {
    this.env = env;
    this.#server = server;
  }

  /** A desktop that is there until the test ends; its screen costs a moment more. */
  static async start({ screen }: { readonly screen: boolean }): Promise<Desk> {
    const folder = directory();
    const settings = join(folder, 'bus.conf');
    await writeFile(settings, busSettings(folder));
    const args = [`--config-file=${settings}`, '--nofork', '--print-address'];
    const [address] = await startProgram('dbus-daemon', args).line(/^unix:.*$/);
    const env = {
      DBUS_SESSION_BUS_ADDRESS: address,
      HOME: folder,
      ...(screen ? { DISPLAY: await startScreen(), NO_AT_BRIDGE: '1' } : {}),
    };
    const server = startProgram(PYTHON, [SERVER], { env });
    await server.lines(1);
    return new Desk(env, server);
  }

  /** What it has shown, once there is so much. */
  async shown(count: number): Promise<ReadonlyArray<Notification>> {
    const [, ...lines] = await this.#server.lines(1 + count);
    return lines.map((line) => JSON.parse(line));
  }
}

const startScreen = async (): Promise<string> => {
  const args = ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'];
  const [number] = await startProgram('Xvfb', args).line(/^\d+$/);
  return `:${number}`;
};
