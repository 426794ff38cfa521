import { describe, expect, test } from 'vitest';
import { findScriptLine, flagKey, numberKey } from '../../../src/demo-agent/script-line.ts';

describe('a script line', () => {
  test('is not found in an ordinary prompt', () => {
    expect(findScriptLine('Please write a script: one that greets')).toBeNull();
  });

  test('is found anywhere in a prompt, with its keys', () => {
    expect(findScriptLine('Now\nSCRIPT:approve n=3 parallel=true\nthanks')).toEqual({
      name: 'approve',
      keys: { n: '3', parallel: 'true' },
    });
  });

  test('takes quoted values with spaces, and the rest of the line for a command', () => {
    expect([
      findScriptLine(`SCRIPT:edit path='a b.txt' text="one\\n\\"two\\"" n=1`)?.keys,
      findScriptLine('SCRIPT:shell cmd=echo "a b" > c=d.txt')?.keys,
    ]).toEqual([{ path: 'a b.txt', text: 'one\n"two"', n: '1' }, { cmd: 'echo "a b" > c=d.txt' }]);
  });

  test('has keys without a prototype behind them', () => {
    const line = findScriptLine('SCRIPT:env constructor=1');
    expect([line?.keys.constructor, line?.keys.toString]).toEqual(['1', undefined]);
  });

  test('keeps numbers within their bounds and falls back when there is none', () => {
    const line = { name: 'flood', keys: { mb: '99999', n: 'many', rate: '-1' } };
    const bounds = { min: 0, max: 100 };
    expect([
      numberKey(line, 'mb', 5, bounds),
      numberKey(line, 'n', 5, bounds),
      numberKey(line, 'rate', 5, bounds),
      numberKey(line, 'absent', 5, bounds),
    ]).toEqual([100, 5, 0, 5]);
  });

  test('has flags that are on only when they say so', () => {
    const line = { name: 'hang', keys: { cancel: 'ok', orphan: 'no' } };
    expect([flagKey(line, 'cancel'), flagKey(line, 'orphan'), flagKey(line, 'absent')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
