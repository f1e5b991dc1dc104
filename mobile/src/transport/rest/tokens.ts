/**
 * The access token, in memory alone, and how it is renewed: one refresh however many requests need it, and the new
 * refresh token is stored before its access token is used (section 2 of the contract).
 */

import { Closed, Refused, SessionEnded } from '../../core/failures';
import type { Clock, StoredAccount, TokenStore } from '../../core/ports';
import { refresh, type Tokens } from './auth';
import type { Call, RestClient, Send } from './client';

/** Renewed this long before it expires, or at nine tenths of a shorter life. */
const EARLY_MS = 30_000;
const ENDED = ['refresh_token_invalid', 'refresh_token_expired', 'refresh_token_reused'];

interface Access {
  token: string;
  freshUntil: number;
}

export class AccountTokens {
  #access: Access | null = null;
  #account: StoredAccount;
  #refreshing: Promise<Access> | null = null;
  readonly #ending = new AbortController();

  constructor(
    private readonly rest: RestClient,
    private readonly store: TokenStore,
    private readonly clock: Clock,
    account: StoredAccount,
    /** The session is over. Called once. */
    private readonly onEnded: () => void,
  ) {
    this.#account = account;
  }

  /** From now on nothing is stored any more, whatever answer is still on its way. Gives the last refresh token. */
  close(): string | null {
    this.#ending.abort();
    return this.#account.refreshToken;
  }

  /** As `RestClient.send`, in the account's name. Also rejects with SessionEnded. */
  readonly send: Send = async <T>(call: Call): Promise<T> => {
    const used = await this.#current();
    try {
      return await this.rest.send<T>(call, used);
    } catch (failure) {
      if (!(
        failure instanceof Refused &&
        failure.status === 401 &&
        failure.code.startsWith('access_token_')
      )) {
        throw failure;
      }
      return this.rest.send<T>(call, await this.#after(used));
    }
  };

  /** Takes over what a login, a registration or a change of password gave. */
  async take(tokens: Tokens): Promise<Access> {
    this.#mustBeOpen();
    const account = { ...this.#account, refreshToken: tokens.refresh_token, sessionId: tokens.session_id };
    await this.store.save(account);
    this.#account = account;
    const life = tokens.access_token_expires_in * 1_000;
    const freshUntil = this.clock.elapsed() + life - Math.min(EARLY_MS, life / 10);
    return (this.#access = { token: tokens.access_token, freshUntil });
  }

  async #current(): Promise<string> {
    const access = this.#access;
    if (access !== null && this.clock.elapsed() < access.freshUntil) return access.token;
    return (await this.#refreshed()).token;
  }

  /** Another token than the one that was refused: the one that somebody got meanwhile, or a new one. */
  async #after(used: string): Promise<string> {
    if (this.#access !== null && this.#access.token !== used) return this.#access.token;
    return (await this.#refreshed()).token;
  }

  #refreshed(): Promise<Access> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<Access> {
    this.#mustBeOpen();
    const sent = this.#account.refreshToken;
    if (sent === null) throw new SessionEnded();
    try {
      return await this.take(
        await refresh((call) => this.rest.send({ ...call, signal: this.#ending.signal }), sent),
      );
    } catch (failure) {
      if (failure instanceof Refused && ENDED.includes(failure.code)) return this.#end(sent);
      throw failure;
    }
  }

  async #end(sent: string): Promise<never> {
    if (this.#ending.signal.aborted || this.#account.refreshToken !== sent) throw new SessionEnded();
    this.#account = { ...this.#account, refreshToken: null };
    this.#access = null;
    try {
      // Somebody may have signed in meanwhile: what is theirs stays.
      if ((await this.store.load())?.refreshToken === sent) await this.store.save(this.#account);
    } finally {
      this.onEnded();
    }
    throw new SessionEnded();
  }

  #mustBeOpen(): void {
    if (this.#ending.signal.aborted) throw new Closed();
  }
}
