/** The service as the contract describes it, in memory and small enough to be read: what the client is tested against. */

import { randomUUID } from 'node:crypto';
import type { Fetch } from '../../src/core/ports';

export interface FakeUser {
  id: string;
  username: string;
  password: string;
  display_name: string;
  created_at: string;
  updated_at: string;
}
export interface FakeMessage {
  id: string;
  conversation_id: string;
  sender_id: string;
  client_message_id: string;
  seq: number;
  content: string;
  created_at: string;
}
interface FakeConversation {
  id: string;
  created_at: string;
  members: string[];
  messages: FakeMessage[];
}
interface Session {
  id: string;
  userId: string;
  /** Every refresh token of the chain, and the one that was used last. */
  refreshTokens: string[];
  used: number;
  ended: boolean;
}

/** What becomes of a request: as usual, never arrives, is done but the answer is lost, or is refused. */
export type Fault =
  'none' | 'lost_request' | 'lost_answer' | { status: number; code: string; retryAfter?: number };

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly details?: unknown,
  ) {
    super(code);
  }
}

export class FakeService {
  users: FakeUser[] = [];
  conversations: FakeConversation[] = [];
  sessions: Session[] = [];
  epoch = randomUUID() as string;
  /** Small, so that a test meets many pages. */
  answerLimit = 5;
  bootstrapLimit = 2;
  snapshotMessages = 3;
  limitedBeyond = 12;
  maxEntries = 5_000;
  requests: { method: string; path: string; body: unknown }[] = [];
  fault: (request: { method: string; path: string }) => Fault = () => 'none';
  /** Answers that a newer service would give: changed on their way out. */
  rewrite: (path: string, data: unknown) => unknown = (_path, data) => data;
  #access = new Map<string, Session>();
  #ticks = 0;

  readonly fetch: Fetch = async (url, init) => {
    const method = init.method ?? 'GET';
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const path = url.replace(/^http:\/\/[^/]+/, '');
    await Promise.resolve();
    if (init.signal?.aborted) throw new TypeError('aborted');
    const fault = this.fault({ method, path });
    if (fault === 'lost_request') throw new TypeError('Failed to fetch');
    if (typeof fault === 'object') return refused(fault.status, fault.code, undefined, fault.retryAfter);
    this.requests.push({ method, path, body });
    const token = new Headers(init.headers).get('Authorization')?.replace('Bearer ', '') ?? '';
    const answer = this.#answer(method, path, body, token);
    if (fault === 'lost_answer') throw new TypeError('Failed to fetch');
    return answer;
  };

  register(username: string, password = 'a long password'): FakeUser {
    const at = this.#time();
    const user = {
      id: randomUUID(),
      username,
      password,
      display_name: username,
      created_at: at,
      updated_at: at,
    };
    this.users.push(user);
    return user;
  }

  signIn(userId: string): { refresh_token: string; session_id: string } {
    const session = {
      id: randomUUID(),
      userId,
      refreshTokens: [randomUUID() as string],
      used: -1,
      ended: false,
    };
    this.sessions.push(session);
    return { refresh_token: session.refreshTokens[0]!, session_id: session.id };
  }

  direct(a: string, b: string): FakeConversation {
    const there = this.conversations.find((one) => one.members.includes(a) && one.members.includes(b));
    if (there !== undefined) return there;
    const made = { id: randomUUID(), created_at: this.#time(), members: [a, b], messages: [] };
    this.conversations.push(made);
    return made;
  }

  post(
    conversation: FakeConversation,
    sender: string,
    content: string,
    key = randomUUID() as string,
  ): FakeMessage {
    const message = {
      id: randomUUID(),
      conversation_id: conversation.id,
      sender_id: sender,
      client_message_id: key,
      seq: conversation.messages.length + 1,
      content,
      created_at: this.#time(),
    };
    conversation.messages.push(message);
    return message;
  }

  /** For `restore`. */
  backup(): string {
    return JSON.stringify(this.conversations);
  }

  /** As an operator does: a new history begins where the backup ended. */
  restore(backup: string): void {
    this.conversations = JSON.parse(backup) as FakeConversation[];
    this.epoch = randomUUID();
  }

  expireAccessTokens(): void {
    this.#access.clear();
  }

  endSessions(userId: string): void {
    for (const session of this.sessions) if (session.userId === userId) session.ended = true;
    this.expireAccessTokens();
  }

  #time(): string {
    return new Date(Date.UTC(2026, 0, 1) + ++this.#ticks * 1_000).toISOString();
  }

  #answer(method: string, path: string, body: Record<string, unknown>, token: string): Response {
    try {
      const url = new URL(path, 'http://service');
      const [status, data] = this.#route(method, url, body, token);
      const rewritten = this.rewrite(url.pathname, data);
      return new Response(JSON.stringify({ data: rewritten }), { status });
    } catch (failure) {
      if (failure instanceof Refusal) return refused(failure.status, failure.code, failure.details);
      throw failure;
    }
  }

  #route(method: string, url: URL, body: Record<string, unknown>, token: string): [number, unknown] {
    const call = `${method} ${url.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')}`;
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(url.pathname)?.[0] ?? '';
    if (call === 'POST /v1/auth/register') return [201, this.#register(body)];
    if (call === 'POST /v1/auth/login') return [200, this.#login(body)];
    if (call === 'POST /v1/auth/refresh')
      return [200, { tokens: this.#refresh(String(body['refresh_token'])) }];
    if (call === 'POST /v1/auth/logout') return [200, this.#logout(String(body['refresh_token']))];
    const session = this.#access.get(token);
    if (session === undefined) throw new Refusal(401, 'access_token_expired');
    if (session.ended) throw new Refusal(401, 'access_token_invalid');
    const me = session.userId;
    if (call === 'GET /v1/sync/bootstrap') return [200, this.#bootstrap(me, url.searchParams.get('cursor'))];
    if (call === 'POST /v1/sync/changes') return [200, this.#changes(me, body)];
    if (call === 'POST /v1/conversations/direct') return this.#direct(me, String(body['other_user_id']));
    if (call === 'GET /v1/conversations')
      return [200, { conversations: this.#mine(me).map(shown), next_cursor: null }];
    if (call === 'POST /v1/messages/batch') return [200, this.#batch(me, body)];
    if (call === 'POST /v1/conversations/{id}/messages')
      return this.#send(me, { ...body, conversation_id: id });
    if (call === 'GET /v1/conversations/{id}/messages') return [200, this.#history(me, id, url)];
    if (call === 'GET /v1/users/{id}') return [200, open(this.users.find((user) => user.id === id)!)];
    throw new Refusal(404, 'not_found');
  }

  #register(body: Record<string, unknown>): unknown {
    const username = String(body['username']);
    if (this.users.some((user) => user.username === username)) throw new Refusal(409, 'username_taken');
    return this.#signedIn(this.register(username, String(body['password'])));
  }

  #login(body: Record<string, unknown>): unknown {
    const user = this.users.find(
      (one) => one.username === body['username'] && one.password === body['password'],
    );
    if (user === undefined) throw new Refusal(401, 'invalid_credentials');
    return this.#signedIn(user);
  }

  #signedIn(user: FakeUser): unknown {
    this.signIn(user.id);
    return { user: open(user), tokens: this.#tokens(this.sessions.at(-1)!, 0) };
  }

  #tokens(session: Session, at: number): unknown {
    const access = randomUUID() as string;
    this.#access.set(access, session);
    return {
      access_token: access,
      access_token_expires_in: 900,
      refresh_token: session.refreshTokens[at],
      session_id: session.id,
    };
  }

  /** Every token is good until a later one was used; then using it ends the session (section 2). */
  #refresh(token: string): unknown {
    const session = this.sessions.find((one) => one.refreshTokens.includes(token));
    if (session === undefined || session.ended) throw new Refusal(401, 'refresh_token_invalid');
    const at = session.refreshTokens.indexOf(token);
    if (at < session.used) {
      session.ended = true;
      throw new Refusal(401, 'refresh_token_reused');
    }
    session.used = at;
    session.refreshTokens.push(randomUUID());
    return this.#tokens(session, session.refreshTokens.length - 1);
  }

  #logout(token: string): unknown {
    for (const session of this.sessions) if (session.refreshTokens.includes(token)) session.ended = true;
    return {};
  }

  #direct(me: string, other: string): [number, unknown] {
    if (!this.users.some((user) => user.id === other)) throw new Refusal(404, 'user_not_found');
    const before = this.conversations.length;
    const conversation = this.direct(me, other);
    return [this.conversations.length > before ? 201 : 200, shown(conversation)];
  }

  #mine(me: string): FakeConversation[] {
    return this.conversations.filter((one) => one.members.includes(me));
  }

  #send(me: string, body: Record<string, unknown>): [number, FakeMessage] {
    const { conversation_id: id, client_message_id: key, content } = body as Record<string, string>;
    const all = this.conversations.flatMap((one) => one.messages);
    const known = all.find((one) => one.sender_id === me && one.client_message_id === key);
    if (known !== undefined) {
      if (known.conversation_id === id && known.content === content) return [200, known];
      throw new Refusal(409, 'idempotency_conflict', { message_id: known.id });
    }
    const conversation = this.#mine(me).find((one) => one.id === id);
    if (conversation === undefined) throw new Refusal(404, 'conversation_not_found');
    const other = conversation.members.find((member) => member !== me);
    if (!this.users.some((user) => user.id === other)) throw new Refusal(404, 'user_not_found');
    return [201, this.post(conversation, me, content!, key)];
  }

  #batch(me: string, body: Record<string, unknown>): unknown {
    const results = (body['messages'] as Record<string, unknown>[]).map((item) => {
      try {
        const [status, message] = this.#send(me, item);
        return { status, message };
      } catch (failure) {
        if (!(failure instanceof Refusal)) throw failure;
        return { status: failure.status, error: { code: failure.code, message: failure.code } };
      }
    });
    return { results };
  }

  #history(me: string, id: string, url: URL): unknown {
    const conversation = this.#mine(me).find((one) => one.id === id);
    if (conversation === undefined) throw new Refusal(404, 'conversation_not_found');
    const [before, limit] = ['before_seq', 'limit'].map((name) => Number(url.searchParams.get(name)));
    const page = conversation.messages.filter((message) => message.seq < before!).slice(-limit!);
    return { messages: page, has_more: (page[0]?.seq ?? 1) > 1 };
  }

  #bootstrap(me: string, cursor: string | null): unknown {
    const [epoch, from] =
      cursor === null ? [this.epoch, 0] : [cursor.split('/')[0]!, Number(cursor.split('/')[1])];
    if (epoch !== this.epoch) throw new Refusal(409, 'sync_epoch_changed', { sync_epoch: this.epoch });
    const mine = this.#mine(me).sort((a, b) => (activity(a) < activity(b) ? 1 : -1));
    const page = mine.slice(from, from + this.bootstrapLimit);
    const next = from + this.bootstrapLimit;
    return {
      sync_epoch: this.epoch,
      me: open(this.users.find((user) => user.id === me)!),
      users: this.#peopleOf(page),
      conversations: page.map((one) => this.#snapshot('joined', one)),
      next_cursor: next < mine.length ? `${this.epoch}/${next}` : null,
    };
  }

  #changes(me: string, body: Record<string, unknown>): unknown {
    const map = body['after_seq_by_conversation'] as Record<string, number>;
    if (body['sync_epoch'] !== this.epoch)
      throw new Refusal(409, 'sync_epoch_changed', { sync_epoch: this.epoch });
    if (Object.keys(map).length > this.maxEntries) throw new Refusal(413, 'payload_too_large');
    let left = this.answerLimit;
    const items: Record<string, unknown> = {};
    const mine = this.#mine(me);
    const told: FakeConversation[] = [];
    let hasMore = false;
    const add = (id: string, cost: number, item: unknown): void => {
      if (left <= 0) hasMore = true;
      else items[id] = item;
      left -= cost;
    };
    for (const id of Object.keys(map)) if (!mine.some((one) => one.id === id)) add(id, 1, { status: 'gone' });
    for (const one of mine) {
      const after = map[one.id];
      const head = one.messages.length;
      if (after === undefined) {
        if (body['joined'] !== false)
          add(one.id, Math.max(1, Math.min(head, this.snapshotMessages)), this.#snapshot('joined', one));
      } else if (after > head) add(one.id, 1, this.#snapshot('reset', one));
      else if (head - after > this.limitedBeyond) {
        const snapshot = this.#snapshot('limited', one);
        const gap = { from_seq: after + 1, to_seq: snapshot.from_seq - 1 };
        add(one.id, this.snapshotMessages, { ...snapshot, gap });
      } else if (head > after) {
        const messages = one.messages.slice(after, after + Math.max(1, left));
        const next = after + messages.length;
        if (next < head) hasMore = true;
        const item = {
          messages,
          next_after_seq: next,
          head_seq: head,
          has_more: next < head,
          conversation: shown(one),
        };
        add(one.id, messages.length, { status: 'ok', ...item });
      }
      if (one.id in items) told.push(one);
    }
    return { sync_epoch: this.epoch, has_more: hasMore, users: this.#peopleOf(told), conversations: items };
  }

  #snapshot(status: string, one: FakeConversation) {
    const messages = one.messages.slice(-this.snapshotMessages);
    const from = messages[0]?.seq ?? 1;
    const head = one.messages.length;
    return {
      status,
      conversation: shown(one),
      messages,
      from_seq: from,
      head_seq: head,
      has_earlier: from > 1,
    };
  }

  #peopleOf(list: FakeConversation[]): unknown[] {
    const ids = new Set(list.flatMap((one) => one.members));
    return this.users.filter((user) => ids.has(user.id)).map(open);
  }
}

function activity(one: FakeConversation): string {
  return one.messages.at(-1)?.created_at ?? one.created_at;
}

function open({ password: _, ...user }: FakeUser): unknown {
  return user;
}

function shown(one: FakeConversation) {
  const newest = one.messages.at(-1);
  return {
    id: one.id,
    type: 'direct',
    created_at: one.created_at,
    updated_at: activity(one),
    last_message_preview: newest?.content.slice(0, 120) ?? null,
    last_message_at: newest?.created_at ?? null,
    head_seq: one.messages.length,
    members: one.members.map((user_id) => ({ user_id, role: 'member', joined_at: one.created_at })),
  };
}

function refused(status: number, code: string, details?: unknown, retryAfter?: number): Response {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  return new Response(JSON.stringify({ error: { code, message: code, details } }), { status, headers });
}
