import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DecidingSurface, KnownDevice } from '../../../../src/host/approvals/proofs.ts';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import {
  decisionOf,
  decisionText,
  type SignedDecision,
} from '../../../../src/protocol/approval/decision.ts';
import type { Role } from '../../../../src/protocol/devices.ts';
import { approvalIdSchema } from '../../../../src/protocol/ids.ts';
import type { ParsedParams } from '../../../../src/protocol/methods.ts';
import { deviceIdSchema, type DeviceId } from '../../../../src/protocol/relay.ts';
import { withoutRules } from '../../../fakes/desk-without-rules.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import { HostCore, newCommandId } from '../support/host-core.ts';

type Decide = ParsedParams<'approval.decide'>;

const HOST = 'A'.repeat(43);
const phone = deviceIdSchema.parse('phoneAAAAAAAAAAAAAAAAA');
const other = deviceIdSchema.parse('otherAAAAAAAAAAAAAAAAA');
const keyOf = new Map(
  [phone, other].map((id) => [id, generateKeyPairSync('ec', { namedCurve: 'P-256' })]),
);

let core: HostCore;
let scripted: ScriptedAgent;
let devices: Map<DeviceId, KnownDevice>;
let fresh: boolean;
let isFresh: boolean;
let asked: string[];

const surface = (role: Role, id: DeviceId | null = phone): DecidingSurface => ({
  surface: id === null ? 'cli' : 'device:phone',
  role,
  device: id === null ? null : { id },
});
const keyPair = (id: DeviceId) => {
  const pair = keyOf.get(id);
  if (pair === undefined) throw new Error('no key');
  return pair;
};
function point(key: KeyObject): string {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const coordinates = [x, y].map((each) => Buffer.from(each, 'base64url'));
  return Buffer.concat([Buffer.of(4), ...coordinates]).toString('base64url');
}
function signed(decide: Decide, change: Partial<SignedDecision> = {}, by = phone): Decide {
  const said = decisionOf(decide, { host: HOST, device: phone, call: decide.hash });
  const text = Buffer.from(decisionText({ ...said, ...change }));
  const key = { key: keyPair(by).privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return { ...decide, proof: { signature: sign('sha256', text, key).toString('base64url') } };
}
const allow = ({ id, hash }: Approval, more: Partial<Decide> = {}): Decide => ({
  commandId: newCommandId(),
  approvalId: id,
  hash,
  choice: { allow: true },
  ...more,
});
const opened = async () => await core.approval(await core.start('work'));

beforeEach(() => {
  [fresh, isFresh, asked] = [false, true, []];
  devices = new Map(
    [phone, other].map((id) => [
      id,
      { role: 'operator', signingKey: point(keyPair(id).publicKey), person: 'Ada' },
    ]),
  );
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (process, { params }) => {
    process.ask(String(params?.sessionId), 'make');
    return SILENCE;
  };
  core = new HostCore({
    pipes: new MemoryKeeper({ scripted: scripted.agent }).connect(),
    approvals: {
      policy: { judge: (...call) => ({ ...withoutRules.policy.judge(...call), fresh }) },
      devices: {
        find: (id) => devices.get(id) ?? null,
        hostKey: () => HOST,
        isFresh: async (_, text) => {
          asked.push(text);
          return isFresh;
        },
      },
    },
  });
});
afterEach(() => core.close());

test('a signed decision counts, with the person whose device it is', async () => {
  const approval = await opened();
  const decision = signed(allow(approval));
  expect(await core.desk.decide(decision, surface('approver'))).toEqual({
    outcome: 'decided',
    receipt: 'delivered',
  });
  expect(
    core.events(approval.sessionId).find(({ type }) => type === 'approval.decided'),
  ).toMatchObject({
    by: 'device:phone',
    person: 'Ada',
    allowed: true,
  });
});

const wrong: Partial<Record<string, (decide: Decide) => Decide>> = {
  'without a signature': (decide) => decide,
  'with one of another device': (decide) => signed(decide, {}, other),
  'for another host': (decide) => signed(decide, { host: 'B'.repeat(43) }),
  'for another device': (decide) => signed(decide, { device: other }),
  'for another approval': (decide) =>
    signed(decide, { approval: approvalIdSchema.parse('a_aaaaaaaaaaaa') }),
  'for another call': (decide) => signed(decide, { call: '0'.repeat(64) }),
  'for another choice': (decide) => signed(decide, { choice: { allow: false } }),
  'for an option': (decide) => signed(decide, { choice: { optionId: 'yes' } }),
  'for another command': (decide) => signed(decide, { command: newCommandId() }),
  'with a reason that was not signed': (decide) => ({ ...signed(decide), reason: 'x' }),
  'with a rule that was not signed': (decide) => ({
    ...signed(decide),
    rule: { decision: 'allow' },
  }),
  'with a change that was not signed': (decide) => ({ ...signed(decide), edited: null }),
  'with text that has no canonical form': (decide) => ({ ...signed(decide), reason: '\ud800' }),
  'with a signature of zeros': (decide) => ({ ...decide, proof: { signature: 'A'.repeat(86) } }),
};

test.each(Object.keys(wrong))('%s it is not allowed, and the approval stays open', async (name) => {
  const approval = await opened();
  const decision = wrong[name]?.(allow(approval));
  if (decision === undefined) throw new Error(name);
  expect(await core.desk.decide(decision, surface('operator'))).toEqual({
    outcome: 'notAllowed',
    receipt: null,
  });
  expect([core.desk.open(), scripted.count('yes')]).toEqual([[approval], 0]);
});

test.each<[string, () => void, DecidingSurface, Partial<Decide>]>([
  ['a viewer decides', () => {}, surface('viewer'), {}],
  ['its role was lowered since it came in', () => setRole('viewer'), surface('operator'), {}],
  ['it was revoked since it came in', () => devices.clear(), surface('operator'), {}],
  ['an approver saves a rule', () => {}, surface('approver'), { rule: { decision: 'allow' } }],
  [
    'an approver changes a call',
    () => setRole('approver'),
    surface('operator'),
    { choice: { allow: false }, edited: {} },
  ],
  ['a local viewer decides', () => {}, surface('viewer', null), {}],
])('where %s, it is not allowed', async (_, before, by, more) => {
  const approval = await opened();
  before();
  const decision = signed(allow(approval, more));
  expect((await core.desk.decide(decision, by)).outcome).toBe('notAllowed');
  expect(core.desk.open()).toHaveLength(1);
});

function setRole(role: Role): void {
  for (const [id, device] of devices) devices.set(id, { ...device, role });
}

test.each([
  ['proved', true, { id: 'x' }, 'decided'],
  ['not proved', false, { id: 'x' }, 'notAllowed'],
  ['not even tried', true, undefined, 'notAllowed'],
])('where a rule asks for the person, being there is %s', async (_, answer, response, outcome) => {
  [fresh, isFresh] = [true, answer];
  const approval = await opened();
  const decision = signed(allow(approval));
  const { signature = '' } = decision.proof ?? {};
  const proof = { signature, ...(response && { fresh: response }) };
  const told = await core.desk.decide({ ...decision, proof }, surface('approver'));
  expect(told.outcome).toBe(outcome);
  const decided = core.events(approval.sessionId).find(({ type }) => type === 'approval.decided');
  expect(decided !== undefined && 'fresh' in decided && decided.fresh).toBe(outcome === 'decided');
  // Nobody must be there to refuse.
  const refuse = signed(allow(approval, { choice: { allow: false } }));
  const second = outcome === 'decided' ? 'superseded' : 'decided';
  expect((await core.desk.decide(refuse, surface('approver'))).outcome).toBe(second);
});

test('a surface of this machine decides also what asks for the person', async () => {
  fresh = true;
  const approval = await opened();
  const told = await core.desk.decide(allow(approval), surface('operator', null));
  expect([told.outcome, asked]).toEqual(['decided', []]);
});

test('sent again it has its first result; a decision for another call is not for this one', async () => {
  const approval = await opened();
  const elsewhere = signed(allow({ ...approval, hash: '1'.repeat(64) }));
  const first = signed(allow(approval));
  const results = [elsewhere, first, first].map(
    async (each) => (await core.desk.decide(each, surface('approver'))).outcome,
  );
  expect(await Promise.all(results)).toEqual(['notThisCall', 'decided', 'decided']);
  expect(scripted.count('yes')).toBe(1);
});
