import { createHash, webcrypto } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../../../src/base/base64url.ts';
import { canonicalJson } from '../../../../src/base/canonical-json.ts';
import { DecisionSigner } from '../../../../src/connection/device/sign-decision.ts';
import { methods } from '../../../../src/protocol/methods.ts';
import { approvalSchema, type Approval } from '../../../../src/protocol/approval/approval.ts';
import { decisionOf, decisionText } from '../../../../src/protocol/approval/decision.ts';
import { commandIdSchema } from '../../../../src/protocol/ids.ts';
import { grantSchema } from '../../../../src/protocol/relay.ts';
import { DeviceIdentity, primitives } from '../../../support/device-identity.ts';

const identity = new DeviceIdentity();
const bytes = (length: number, value: number): string =>
  toBase64url(new Uint8Array(length).fill(value));
const grant = grantSchema.parse({
  hostKey: bytes(32, 1),
  device: bytes(16, 2),
  deviceKey: toBase64url(identity.signingKey),
  epoch: 0,
  signature: bytes(64, 3),
});
const keys = identity.keysOf({
  ...{ relay: 'https://relay.test', grant, hostKey: new Uint8Array(32) },
  rootPsk: new Uint8Array(32),
});
const sha256 = (data: Uint8Array): Uint8Array => primitives.sha256(data);
const signer = new DecisionSigner({ keys, sha256 });
const commandId = commandIdSchema.parse('01990000-0000-7000-8000-000000000001');

const call = {
  tool: 'execute',
  input: { command: 'rm -rf "dïst"\n', n: 1e21, nested: [{ b: null, a: true }] },
  locations: [{ path: '/home/ada/porch/dïst', line: 3 }],
  diff: [{ path: 'a.ts', oldText: null, newText: '\u202e' }],
};
function shown(change: Partial<Approval> = {}): Approval {
  return approvalSchema.parse({
    id: 'a_0123456789ab',
    sessionId: 's_0123456789ab',
    kind: 'execute',
    title: 'Remove dist',
    hash: hashOf(change.call ?? call),
    call,
    options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }],
    createdAt: '2026-03-01T10:00:00.000Z',
    expiresAt: null,
    ...change,
  });
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** As a host does: by the device's public key alone, over what it reads from the parameters. */
async function isBy(text: string, signature: string): Promise<boolean> {
  const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('raw', identity.signingKey, curve, true, ['verify']);
  const bytes = fromBase64url(signature) ?? new Uint8Array();
  return await webcrypto.subtle.verify(curve, key, bytes, Buffer.from(text));
}

const about = (approval: Approval) => ({
  host: grant.hostKey,
  device: grant.device,
  call: approval.hash,
});

describe('a decision of a device', () => {
  test('is bound to host, device, approval, call, command and all that was chosen', async () => {
    const approval = shown();
    const rule = { decision: 'allow' as const, command: 'npm test', uses: 3 };
    const sent = await signer.decide(approval, {
      ...{ commandId, choice: { allow: false }, reason: 'nöt now', edited: null, rule },
    });
    const { proof, ...params } = sent;
    expect(params).toEqual({
      ...{ approvalId: approval.id, hash: approval.hash, commandId },
      ...{ choice: { allow: false }, reason: 'nöt now', edited: null, rule },
    });
    // What the host reads from the wire gives the same text.
    const read = methods['approval.decide'].params.parse(JSON.parse(JSON.stringify(sent)));
    const text = decisionText(decisionOf(read, about(approval)));
    expect(text).toBe(
      `porchlight decision v1\0${canonicalJson({
        ...{ host: grant.hostKey, device: grant.device, approval: approval.id },
        ...{ call: approval.hash, command: commandId, choice: { allow: false } },
        ...{ reason: 'nöt now', edited: null, rule },
      })}`,
    );
    expect(await isBy(text, proof?.signature ?? '')).toBe(true);
    const other = decisionText({ ...decisionOf(read, about(approval)), choice: { allow: true } });
    expect(await isBy(other, proof?.signature ?? '')).toBe(false);
  });

  test('leaves unsaid what was not said', async () => {
    const approval = shown();
    const sent = await signer.decide(approval, { commandId, choice: { optionId: 'yes' } });
    expect(decisionOf(sent, about(approval))).toEqual({
      ...about(approval),
      ...{ approval: approval.id, command: commandId, choice: { optionId: 'yes' } },
    });
  });

  test('answers a question', async () => {
    const approval = shown({ kind: 'question', options: [] });
    for (const answer of [{ content: { colour: 'amber' } }, { decline: true as const }]) {
      const sent = await signer.answer(approval, { commandId, answer });
      const read = methods['approval.answer'].params.parse(JSON.parse(JSON.stringify(sent)));
      const decision = decisionOf(read, about(approval));
      expect(decision.answer).toEqual(answer);
      expect(await isBy(decisionText(decision), sent.proof?.signature ?? '')).toBe(true);
    }
  });

  test('is not made for a call other than the one that the host names', async () => {
    const others = [
      { ...call, input: { ...call.input, command: 'rm -rf /' } },
      { ...call, tool: 'read' },
      { ...call, locations: [] },
      { ...call, diff: [{ path: 'a.ts', oldText: '', newText: '\u202e' }] },
    ];
    for (const other of others)
      await expect(
        signer.decide({ ...shown(), call: other }, { commandId, choice: { allow: true } }),
      ).rejects.toThrow('not the call that the host asks about');
    await expect(
      signer.answer({ ...shown(), hash: '0'.repeat(64) }, { commandId, answer: { decline: true } }),
    ).rejects.toThrow('not the call that the host asks about');
  });

  test('is not made for what has no canonical form', async () => {
    const approval = { ...shown(), call: { ...call, input: '\ud800' } };
    await expect(signer.decide(approval, { commandId, choice: { allow: true } })).rejects.toThrow(
      'Decide it on the machine itself',
    );
  });

  test('is signed for a call of 8 MB', async () => {
    const large = { ...call, input: { text: 'porch '.repeat(1_400_000) } };
    const approval = shown({ call: large });
    const sent = await signer.decide(approval, { commandId, choice: { allow: true } });
    expect(sent.hash).toBe(approval.hash);
  });
});

describe('a check of the person', () => {
  const fresh = { role: 'approver' as const, fresh: true };

  test('is for this decision and no other: its challenge is the hash of what is signed', async () => {
    const challenges: string[] = [];
    const person = async (challenge: string) => {
      challenges.push(challenge);
      return { id: 'key' };
    };
    const approval = shown({ decider: fresh });
    const sent = await new DecisionSigner({ keys, sha256, person }).decide(approval, {
      ...{ commandId, choice: { allow: true } },
    });
    const text = decisionText(decisionOf(sent, about(approval)));
    expect(challenges).toEqual([createHash('sha256').update(text).digest('base64url')]);
    expect(sent.proof?.fresh).toEqual({ id: 'key' });
  });

  test('is not asked for where no rule wants it', async () => {
    const person = async () => await Promise.reject(new Error('asked'));
    const approval = shown({ decider: { ...fresh, fresh: false } });
    const sent = await new DecisionSigner({ keys, sha256, person }).decide(approval, {
      ...{ commandId, choice: { allow: true } },
    });
    expect(sent.proof?.fresh).toBeUndefined();
  });

  test('is not asked for to refuse, which is always safe', async () => {
    const options = [
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
    ];
    const approval = shown({ decider: fresh, options });
    const refusals = [
      await signer.decide(approval, { commandId, choice: { allow: false } }),
      await signer.decide(approval, { commandId, choice: { optionId: 'no' } }),
      await signer.answer(approval, { commandId, answer: { decline: true } }),
    ];
    expect(refusals.map(({ proof }) => proof?.fresh)).toEqual([undefined, undefined, undefined]);
    await expect(
      signer.decide(approval, { commandId, choice: { optionId: 'yes' } }),
    ).rejects.toThrow('has no passkey');
  });

  test('that fails, or that this device cannot make, ends the decision in words', async () => {
    const approval = shown({ decider: fresh });
    await expect(signer.decide(approval, { commandId, choice: { allow: true } })).rejects.toThrow(
      'has no passkey',
    );
    const person = async () => await Promise.reject(new Error('You closed the check.'));
    await expect(
      new DecisionSigner({ keys, sha256, person }).decide(approval, {
        ...{ commandId, choice: { allow: true } },
      }),
    ).rejects.toThrow('You closed the check.');
  });
});
