import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { Authorities } from '../../../src/relay/authorities.ts';

const known = (authorities: Authorities, names: string[]) =>
  names.filter((name) => authorities.has(name));

test('a name without a port is that of the default ports, in any case of letters', () => {
  const authorities = new Authorities(['Relay.example.org', 'other.example:8443', '[::2]:443']);
  expect(
    known(authorities, [
      'relay.example.org',
      'RELAY.example.org:443',
      'relay.example.org:80',
      'relay.example.org:8443',
      'other.example:8443',
      'other.example',
      'other.example:443',
      '[::2]',
      'relay.example.org.evil.example',
      '',
    ]),
  ).toEqual([
    'relay.example.org',
    'RELAY.example.org:443',
    'relay.example.org:80',
    'other.example:8443',
    '[::2]',
  ]);
});

test('a loopback address is localhost too, at its port only', () => {
  const authorities = new Authorities();
  authorities.addListening('127.0.0.1', 7410);
  authorities.addListening('::1', 7411);
  expect(
    known(authorities, [
      '127.0.0.1:7410',
      'localhost:7410',
      '[::1]:7411',
      'localhost:7411',
      '127.0.0.1:7411',
      'localhost',
    ]),
  ).toEqual(['127.0.0.1:7410', 'localhost:7410', '[::1]:7411', 'localhost:7411']);
});

test('who listens everywhere is known by every address of the machine, and by its name', () => {
  const authorities = new Authorities();
  authorities.addListening('0.0.0.0', 7410);
  expect(
    known(authorities, [
      `${hostname()}:7410`,
      '127.0.0.1:7410',
      '0.0.0.0:7410',
      'example.org:7410',
    ]),
  ).toEqual([`${hostname()}:7410`, '127.0.0.1:7410']);
});
