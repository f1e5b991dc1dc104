/** Section 2 of the contract. */

import type { Send } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type SignedIn = Schemas['SignedIn'];
export type Tokens = Schemas['Tokens'];
export type Session = Schemas['SessionView'];

export interface Credentials {
  username: string;
  password: string;
  deviceName: string | null;
}

/** `send` carries no access token. */
export function register(send: Send, who: Credentials & { displayName: string | null }): Promise<SignedIn> {
  const { username, password, deviceName: device_name, displayName: display_name } = who;
  return send({
    method: 'POST',
    path: '/v1/auth/register',
    body: { username, password, display_name, device_name },
  });
}

/** `send` carries no access token. */
export function login(send: Send, who: Credentials): Promise<SignedIn> {
  const { username, password, deviceName: device_name } = who;
  return send({ method: 'POST', path: '/v1/auth/login', body: { username, password, device_name } });
}

/** `send` carries no access token. */
export async function refresh(send: Send, refreshToken: string): Promise<Tokens> {
  const body = { refresh_token: refreshToken };
  return (await send<Schemas['TokensOnly']>({ method: 'POST', path: '/v1/auth/refresh', body })).tokens;
}

/** `send` carries no access token. Again and again, the same. */
export async function logout(send: Send, refreshToken: string): Promise<void> {
  const body = { refresh_token: refreshToken };
  await send({ method: 'POST', path: '/v1/auth/logout', body, timeOutMs: 5_000 });
}

export async function sessions(send: Send): Promise<Session[]> {
  return (await send<Schemas['SessionList']>({ method: 'GET', path: '/v1/auth/sessions' })).sessions;
}

export async function endSession(send: Send, id: string): Promise<void> {
  await send({ method: 'DELETE', path: `/v1/auth/sessions/${id}` });
}

/** Every other session is over. The answer's tokens take the place of those held. */
export async function changePassword(send: Send, current: string, next: string): Promise<Tokens> {
  const body = { current_password: current, new_password: next };
  return (await send<Schemas['TokensOnly']>({ method: 'POST', path: '/v1/auth/password', body })).tokens;
}
