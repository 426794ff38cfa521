import { expect, test } from 'vitest';
import {
  checkPerson,
  failureWords,
  passkeyObstacle,
  type PasskeyHost,
} from '../../../../../renderer/phone/passkey/passkey.ts';

const page = {
  isSecureContext: true,
  location: { origin: 'https://porch.example', hostname: 'porch.example' },
  PublicKeyCredential: {},
};
const named = (name: string): Error => Object.assign(new Error(`of ${name}`), { name });

test('what the browser calls a failure is said in words, also where the library wrapped it', () => {
  const names = [
    ...['NotAllowedError', 'AbortError', 'InvalidStateError', 'SecurityError'],
    ...['NotSupportedError', 'ConstraintError', 'UnknownError'],
  ];
  const words = names.map((name) => failureWords(named(name), '127.0.0.1'));
  expect(words).toEqual([
    'The check was cancelled, or took too long.',
    'The check was cancelled, or took too long.',
    'This phone holds a passkey for this computer already.',
    'A passkey cannot belong to 127.0.0.1: the page needs a name, not a number.',
    'This phone has no screen lock that a passkey could use. Set one up first.',
    'This phone has no screen lock that a passkey could use. Set one up first.',
    'The check failed: of UnknownError',
  ]);
  const wrapped = names.map((name) =>
    failureWords(new Error('of UnknownError', { cause: named(name) }), '127.0.0.1'),
  );
  expect(wrapped).toEqual(words);
});

test('a page that can have no passkey says why, and nothing is asked of the host', async () => {
  const asked: string[] = [];
  const host: PasskeyHost = {
    call: async (method) => {
      asked.push(method);
      throw new Error('This device has no passkey.');
    },
  };
  const plain = { ...page, isSecureContext: false };
  expect([
    passkeyObstacle(page),
    passkeyObstacle(plain),
    passkeyObstacle({ ...page, PublicKeyCredential: undefined }),
  ]).toEqual([
    null,
    'This page came over plain http: a passkey needs https, or the computer’s own localhost.',
    'This browser has no passkeys.',
  ]);
  await expect(checkPerson(host, plain, 'AAAA')).rejects.toThrow('plain http');
  expect(asked).toEqual([]);
  await expect(checkPerson(host, page, 'AAAA')).rejects.toThrow(
    'This device has no passkey. Nothing was decided.',
  );
});
