/** Section 3 of the contract. */

import type { Send } from './client';
import type { components } from './schema';

export type User = components['schemas']['User'];

export async function search(send: Send, query: string, signal?: AbortSignal): Promise<User[]> {
  const path = `/v1/users/search?query=${encodeURIComponent(query)}&limit=20`;
  return (await send<{ users: User[] }>({ method: 'GET', path, signal })).users;
}

export function one(send: Send, id: string): Promise<User> {
  return send({ method: 'GET', path: `/v1/users/${id}` });
}

export function rename(send: Send, displayName: string): Promise<User> {
  return send({ method: 'PATCH', path: '/v1/users/me', body: { display_name: displayName } });
}

/** For ever. */
export async function deleteMe(send: Send, password: string): Promise<void> {
  await send({ method: 'DELETE', path: '/v1/users/me', body: { password } });
}
