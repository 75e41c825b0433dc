/**
 * Tryton's web client in a real browser, used as a person uses it, with a profile of its own. What it polled is kept as its
 * browser saw it go out and come back.
 */
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { directory } from '../../support/cli.ts';
import type { Desk } from './desk.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Person {
  readonly login: string;
  readonly password: string;
}

export class WebClient {
  readonly #page: Page;
  /** Every poll that it sent, in order. */
  readonly polls: Array<Request> = [];
  /** What went wrong in it since it was logged in; before, Debian's own 7.0 loads a script that it cannot read, and then another. */
  readonly troubles: Array<string> = [];
  #looks: Array<() => void> = [];

  private constructor(page: Page) {
    this.#page = page;
    page.on('request', (request) => {
      if (!request.url().endsWith('/bus')) return;
      this.polls.push(request);
      for (const look of this.#looks.splice(0)) look();
    });
  }

  /** Opens the client of a database on a desk, in a browser that may show notifications; it is there until the test ends. */
  static async open(
    desk: Desk,
    url: string,
    database: string,
    browser = process.env['JETBUS_TEST_CHROMIUM'] ?? 'chromium',
  ): Promise<WebClient> {
    const context = await startBrowser(desk, browser);
    await context.grantPermissions(['notifications'], { origin: url });
    const client = new WebClient(await context.newPage());
    await client.#page.goto(`${url}/#${database}`);
    return client;
  }

  /** Logs in by its dialogues; done when it has sent its first poll. */
  async login({ login, password }: Person): Promise<void> {
    const page = this.#page;
    // The databases are asked for while the dialogue is there already.
    await page.locator('#database').filter({ visible: true }).waitFor();
    await page.locator('#login').fill(login);
    await page.getByRole('button', { name: 'Login' }).click();
    const secret = page.locator('input[type=password]');
    await secret.fill(password);
    await secret.press('Enter');
    await this.polled(1);
    page.on('pageerror', ({ message }) => this.troubles.push(message));
  }

  /** By its own button; done when it asks who wants to log in next. */
  async logout(): Promise<void> {
    await this.#page.locator('#user-logout > a').click();
    await this.#page.locator('#login').waitFor();
  }

  /** Its poll of that number, once it has sent it. */
  async polled(count: number): Promise<Request> {
    for (;;) {
      const poll = this.polls[count - 1];
      if (poll !== undefined) return poll;
      await new Promise<void>((look) => this.#looks.push(look));
    }
  }

  /** What a poll was answered with. */
  static async answer(poll: Request | undefined): Promise<{ status: number; body: string }> {
    const response = await poll?.response();
    if (response == null) throw new Error('there was no answer');
    return { status: response.status(), body: await response.text() };
  }
}

const startBrowser = async (desk: Desk, executablePath: string): Promise<BrowserContext> => {
  const context = await chromium.launchPersistentContext(join(directory(), 'profile'), {
    executablePath,
    args: FLAGS,
    env: { ...process.env, ...desk.env },
  });
  onTestFinished(() => context.close());
  return context;
};
