/** One request and its answer: base address, token, time-out, envelope. What is worth repeating is decided elsewhere. */

import { NoAnswer, Refused } from '../../core/failures';
import type { Fetch, Scheduler } from '../../core/ports';

const TIME_OUT_MS = 20_000;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Call {
  method: Method;
  /** Under the base address, with its query. */
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeOutMs?: number;
  /** Told the seconds of the answer's `Retry-After`, if it has one though it is no refusal. */
  onRetryAfter?: (seconds: number) => void;
}

/** Sends a call and gives the `data` of its answer. Rejects with NoAnswer or Refused. */
export type Send = <T>(call: Call) => Promise<T>;

export class RestClient {
  constructor(
    private readonly baseUrl: string,
    private readonly fetch: Fetch,
    private readonly scheduler: Scheduler,
  ) {}

  async send<T>(call: Call, accessToken?: string): Promise<T> {
    const ending = new AbortController();
    const end = () => ending.abort();
    if (call.signal?.aborted) throw new NoAnswer('called off');
    call.signal?.addEventListener('abort', end);
    const callOff = this.scheduler.after(call.timeOutMs ?? TIME_OUT_MS, end);
    try {
      const response = await this.fetch(
        this.baseUrl + call.path,
        this.#init(call, accessToken, ending.signal),
      );
      const data = dataOf<T>(response, await response.text());
      if (response.headers.has('Retry-After')) call.onRetryAfter?.(retryAfter(response));
      return data;
    } catch (failure) {
      if (failure instanceof Refused || failure instanceof NoAnswer) throw failure;
      throw new NoAnswer(failure instanceof Error ? failure.message : String(failure));
    } finally {
      callOff();
      call.signal?.removeEventListener('abort', end);
    }
  }

  #init(call: Call, accessToken: string | undefined, signal: AbortSignal): RequestInit {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    if (accessToken !== undefined) headers['Authorization'] = `Bearer ${accessToken}`;
    const init: RequestInit = {
      method: call.method,
      headers,
      signal,
      cache: 'no-store',
      credentials: 'omit',
    };
    return call.body === undefined ? init : { ...init, body: JSON.stringify(call.body) };
  }
}

/** The `data` of the envelope. What is no envelope is a proxy's or a captive portal's, and so no answer at all. */
function dataOf<T>(response: Response, text: string): T {
  const envelope = parsed(text);
  if (response.ok && envelope !== null && 'data' in envelope) return envelope['data'] as T;
  const error = envelope?.['error'];
  if (response.ok || !isObject(error) || typeof error['code'] !== 'string') {
    throw new NoAnswer(`not the service: ${response.status}`);
  }
  const { code, message, details } = error;
  throw new Refused(response.status, code, String(message), details, retryAfter(response));
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** In seconds (RFC 9110, section 10.2.3); the service never sends a date. */
function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) : 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
