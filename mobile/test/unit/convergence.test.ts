/**
 * The law of the contract's section 5, from the phone's side: whatever is lost, repeated, late or cut off, and whatever
 * others write meanwhile, in the end the phone holds exactly what the service has, and the service each message of the
 * phone exactly once, in the order in which they were written.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeService, type Fault } from '../support/fakeService';
import { Phone } from '../support/phone';

type Step =
  | { do: 'write'; to: number }
  | { do: 'receive'; from: number; count: number }
  | { do: 'write elsewhere'; to: number }
  | { do: 'faults'; kind: number; count: number }
  | { do: 'offline' | 'online' | 'expire' | 'restart' | 'backup' | 'restore' | 'read' }
  | { do: 'pass'; seconds: number };

const FAULTS: Fault[] = [
  'lost_request',
  'lost_answer',
  { status: 500, code: 'internal_error' },
  { status: 503, code: 'try_again', retryAfter: 3 },
  { status: 429, code: 'rate_limited', retryAfter: 5 },
];
const PEOPLE = 3;
const who = fc.integer({ min: 0, max: PEOPLE - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), to: who }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      from: who,
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write elsewhere' as const), to: who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('faults' as const),
      kind: fc.integer({ min: 0, max: FAULTS.length - 1 }),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(...(['offline', 'online', 'expire', 'restart', 'read'] as const)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...(['backup', 'restore'] as const)) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 0, max: 40 }) }),
  },
);

async function run(steps: Step[], seed: number): Promise<void> {
  const service = new FakeService();
  const me = service.register('me');
  const people = Array.from({ length: PEOPLE }, (_, at) => service.register(`person${at}`));
  let state = seed;
  const phone = await new Phone(
    service,
    me,
    () => (state = (state * 16_807 + 1) % 2_147_483_647) / 2_147_483_647,
  ).start();
  let [offline, faults, kind, written, backup, restored] = [false, 0, 0, 0, '', false];
  service.fault = () => {
    if (offline) return 'lost_request';
    return faults-- > 0 ? FAULTS[kind]! : 'none';
  };
  const mine: string[][] = people.map(() => []);
  for (const one of steps) {
    if (one.do === 'write') {
      const content = `mine ${++written}`;
      const person = people[one.to]!;
      const id = await phone.account.conversations.begin({ id: person.id, username: 'x', displayName: 'x' });
      await phone.account.messages.send(id, content);
      void phone.account.engine.push();
      mine[one.to]!.push(content);
    } else if (one.do === 'receive' || one.do === 'write elsewhere') {
      const person = people[one.do === 'receive' ? one.from : one.to]!;
      const conversation = service.direct(me.id, person.id);
      const sender = one.do === 'receive' ? person.id : me.id;
      for (let n = one.do === 'receive' ? one.count : 1; n > 0; n -= 1)
        service.post(conversation, sender, `theirs ${++written}`);
    } else if (one.do === 'faults') [faults, kind] = [one.count, one.kind];
    else if (one.do === 'pass') await phone.pass(one.seconds * 1_000);
    else if (one.do === 'offline') offline = true;
    else if (one.do === 'online') {
      offline = false;
      phone.device.network.set(false);
      phone.device.network.set(true);
    } else if (one.do === 'expire') service.expireAccessTokens();
    else if (one.do === 'restart') await phone.restart();
    else if (one.do === 'backup') backup = service.backup();
    else if (one.do === 'read')
      for (const { id } of await phone.account.conversations.list()) await phone.readAll(id).catch(() => {});
    // Once: what a phone does not hold, as after a first change of history, it cannot put back.
    else if (backup !== '' && !restored) {
      service.restore(backup);
      restored = true;
    }
  }

  [offline, faults] = [false, 0];
  await phone.pass(150_000);
  const listed = await phone.account.conversations.list();
  for (const { id } of listed) await phone.readAll(id);

  expect(phone.device.defects).toEqual([]);
  expect(await phone.account.conversations.countUnsent()).toBe(0);
  const held = await Promise.all(
    listed.map(async ({ id, headSeq }) => ({ id, headSeq, shown: await phone.shown(id) })),
  );
  const there = service.conversations.map(({ id, messages }) => ({
    id,
    headSeq: messages.length,
    shown: messages.map((message) => message.content),
  }));
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(held.sort(byId)).toEqual(there.sort(byId));
  for (const [at, person] of people.entries()) {
    const sent = service.conversations.find((one) => one.members.includes(person.id))?.messages ?? [];
    const own = sent.map((message) => message.content).filter((content) => content.startsWith('mine'));
    // What is written before the phone hears of a new history is taken before what it puts back.
    if (restored) expect(own.sort()).toEqual(mine[at]!.sort());
    else expect(own).toEqual(mine[at]);
  }
  await phone.end();
}

const RUNS = Number(process.env['CHATSVC_RUNS'] ?? 40);

test('in the end the phone holds what the service has, and the service what the phone wrote', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 30 });
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 1_000_000 }), run), {
    numRuns: RUNS,
    ...(process.env['CHATSVC_SEED'] ? { seed: Number(process.env['CHATSVC_SEED']) } : {}),
  });
}, 600_000);
