import { expect, it } from 'vitest';
import { parseRequest } from '../../../src/keeper/requests.ts';

const spawn = {
  do: 'spawn',
  instance: 'i_abc',
  command: 'node',
  args: ['a'],
  cwd: '/tmp',
  env: { A: '1' },
};

it.each([
  { do: 'hello', protocol: 1, hostPid: 2, hostVersion: '1' },
  { do: 'list' },
  spawn,
  { do: 'attach', instance: 'i_abc', after: 0 },
  { do: 'write', instance: 'i_abc', n: 1, line: '{}' },
  { do: 'ack', instance: 'i_abc', offset: 5 },
  { do: 'end', instance: 'i_abc' },
  { do: 'forget', instance: 'i_abc' },
  { do: 'stop' },
])('takes $do, and leaves out what it does not know', (request) => {
  expect(parseRequest(JSON.stringify({ id: 7, ...request, newer: true }))).toEqual({
    kind: 'request',
    id: 7,
    request,
  });
});

it.each([
  [
    { do: 'write', instance: 'i_abc', n: 1, line: 'a\nb' },
    'write takes one line, without a line break',
  ],
  [{ do: 'write', instance: 'i_abc', n: -1, line: 'a' }, 'write takes n and line'],
  [
    { do: 'write', instance: '../../x', n: 1, line: 'a' },
    'write takes an instance of up to 64 letters, digits, _ and -',
  ],
  [{ do: 'attach', instance: 'i_abc', after: 1.5 }, 'attach takes after, a number'],
  [{ ...spawn, command: 'a\0b' }, 'spawn takes a command'],
  [{ ...spawn, args: [1] }, 'spawn takes args, texts without NUL'],
  [{ ...spawn, cwd: 'here' }, 'spawn takes cwd, an absolute path'],
  [{ ...spawn, env: { A: 1 } }, 'spawn takes env, names and texts without NUL'],
  [{ ...spawn, env: ['A'] }, 'spawn takes env, names and texts without NUL'],
  [{ do: 'dance', instance: 'i_abc' }, 'there is no "dance"'],
])('refuses %j', (frame, why) => {
  expect(parseRequest(JSON.stringify({ id: 7, ...frame }))).toEqual({ kind: 'bad', id: 7, why });
});

it.each(['', '{', '[]', 'null', '7', '{"do":"list"}', '{"id":"1","do":"list"}'])(
  'takes %j for garbage',
  (text) => {
    expect(parseRequest(text)).toEqual({ kind: 'garbage' });
  },
);
