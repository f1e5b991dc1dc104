/** The real service on a port of its own, serving the built client, with an empty database. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../../..');
const COMMAND = String(process.env['CHATSVC_COMMAND'] ?? join(PROJECT, '.venv/bin/chatsvc'));

export class Server {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chatsvc-e2e-'));
  #process: ChildProcess | null = null;
  #output = '';
  port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start({ key = 'k1' }: { key?: string } = {}): Promise<this> {
    this.port ||= await freePort();
    const settings = {
      CHATSVC_ENV: 'development',
      CHATSVC_RATE_LIMITS: 'off',
      CHATSVC_DATA_DIR: this.#folder,
      CHATSVC_WEB_DIR: join(PROJECT, 'mobile/dist'),
      CHATSVC_JWT_KEYS: `${key}:${key.repeat(32)}`,
      CHATSVC_SESSION_CHECK_SECONDS: '1',
    };
    const started = spawn(COMMAND, ['serve', '--port', String(this.port)], {
      env: { ...process.env, ...settings },
    });
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (text: Buffer) => (this.#output += text.toString()));
    this.#process = started;
    for (let tries = 0; tries < 200; tries += 1) {
      if (started.exitCode !== null) break;
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return this;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the service did not start: ${this.#output}`);
  }

  async stop(): Promise<void> {
    const stopping = this.#process;
    if (stopping?.exitCode !== null) return;
    const ended = new Promise((done) => stopping.once('exit', done));
    stopping.kill('SIGTERM');
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A person with another device than the browser. */
  async person(username: string): Promise<Person> {
    const body = {
      username,
      password: PASSWORD,
      display_name: username[0]!.toUpperCase() + username.slice(1),
    };
    const signedIn = await this.call<SignedIn>('POST', '/v1/auth/register', body);
    return new Person(this, signedIn);
  }

  async signIn(username: string): Promise<Person> {
    return new Person(
      this,
      await this.call<SignedIn>('POST', '/v1/auth/login', { username, password: PASSWORD }),
    );
  }

  async call<T>(method: string, path: string, body?: object, token?: string): Promise<T> {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(this.url + path, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { data: T }).data;
  }
}

export const PASSWORD = 'correct horse battery';

interface SignedIn {
  user: { id: string; username: string };
  tokens: { access_token: string; session_id: string };
}

export interface Message {
  seq: number;
  content: string;
  client_message_id: string;
}

export class Person {
  readonly id: string;
  readonly username: string;
  readonly sessionId: string;
  readonly #token: string;
  #written = 0;

  constructor(
    private readonly server: Server,
    { user, tokens }: SignedIn,
  ) {
    this.id = user.id;
    this.username = user.username;
    this.sessionId = tokens.session_id;
    this.#token = tokens.access_token;
  }

  call<T>(method: string, path: string, body?: object): Promise<T> {
    return this.server.call<T>(method, path, body, this.#token);
  }

  async conversationWith(other: { id: string }): Promise<string> {
    return (await this.call<{ id: string }>('POST', '/v1/conversations/direct', { other_user_id: other.id }))
      .id;
  }

  async write(conversationId: string, ...contents: string[]): Promise<void> {
    for (let from = 0; from < contents.length; from += 100) {
      const messages = contents.slice(from, from + 100).map((content) => ({
        conversation_id: conversationId,
        client_message_id: `${this.username}-${this.sessionId}-${++this.#written}`,
        content,
      }));
      await this.call('POST', '/v1/messages/batch', { messages });
    }
  }

  async history(conversationId: string): Promise<string[]> {
    const path = `/v1/conversations/${conversationId}/messages?limit=200`;
    return (await this.call<{ messages: Message[] }>('GET', path)).messages.map((message) => message.content);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
