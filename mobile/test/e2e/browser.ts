/** The distribution's Chromium with a profile of its own, and what a person does in it. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { PASSWORD, type Server } from './server';

const TOLD = String(process.env['CHROMIUM'] ?? '');
const PLACES = [TOLD, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = [
  ...[
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-sync',
    '--disable-dev-shm-usage',
  ],
  ...['--disable-background-networking', '--disable-component-update', '--disable-domain-reliability'],
];
const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1180, height: 800 };

/** One person's browser. Whatever goes wrong in its pages is in `problems`. */
export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chatsvc-browser-'));
  readonly problems: string[] = [];
  #context: BrowserContext | null = null;
  #page: Page | null = null;

  constructor(
    private readonly server: Server,
    private readonly options: { viewport?: { width: number; height: number }; dark?: boolean } = {},
  ) {}

  get context(): BrowserContext {
    if (this.#context === null) throw new Error('the browser is not open');
    return this.#context;
  }

  get page(): Page {
    if (this.#page === null) throw new Error('the browser is not open');
    return this.#page;
  }

  /** Opens it, also again with what it kept. */
  async open({ offline = false } = {}): Promise<this> {
    const executablePath = PLACES.find((place) => place !== '' && existsSync(place));
    if (executablePath === undefined)
      throw new Error('no Chromium: apt-get install chromium, or name one in CHROMIUM');
    this.#context = await chromium.launchPersistentContext(this.#folder, {
      executablePath,
      args: QUIET,
      viewport: this.options.viewport ?? PHONE,
      colorScheme: this.options.dark === true ? 'dark' : 'light',
      locale: 'en-GB',
      timezoneId: 'UTC',
      offline,
    });
    this.#context.setDefaultTimeout(15_000);
    this.#page = this.#context.pages()[0] ?? (await this.#context.newPage());
    this.watch(this.#page);
    await this.#page.goto(`${this.server.url}/app/`);
    return this;
  }

  watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      // The browser's own line for a request that failed or was refused: the tests let them fail.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) this.problems.push(text);
    });
  }

  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = null;
  }

  async end(): Promise<void> {
    await this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  id(testId: string) {
    return this.page.getByTestId(testId);
  }

  async register(username: string): Promise<void> {
    await this.id('switch-mode').click();
    await this.#fill(username);
  }

  async signIn(username: string): Promise<void> {
    await this.#fill(username);
  }

  async #fill(username: string): Promise<void> {
    const name = this.id('username');
    if (await name.isEditable()) await name.fill(username);
    await this.id('password').fill(PASSWORD);
    await this.id('submit').click();
    await this.id('conversation-list').waitFor();
  }

  /** From the list, by searching. */
  async startWith(username: string): Promise<void> {
    await this.id('new-conversation').click();
    await this.id('search').fill(username);
    await this.id('person').filter({ hasText: username }).first().click();
    await this.id('composer').waitFor();
  }

  async openFirst(): Promise<void> {
    await this.id('conversation-row').first().click();
    await this.id('composer').waitFor();
  }

  async write(text: string): Promise<void> {
    await this.id('composer').fill(text);
    await this.id('send').click();
  }

  /** Until a message with this text is there, in this state. */
  async sees(text: string, state?: 'sending' | 'sent' | 'failed'): Promise<void> {
    const message = this.id('message').filter({ hasText: text });
    await message.first().waitFor();
    if (state !== undefined) await message.getByTestId(`message-${state}`).first().waitFor();
  }

  async messages(): Promise<number> {
    return this.id('message').count();
  }
}
