import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { editConfig } from '../../../../src/host/config/config-edit.ts';
import { policyOf, writePolicy } from '../../../../src/host/power/policy-file.ts';
import { DEFAULT_POWER_POLICY } from '../../../../src/protocol/power.ts';
import { newFolder } from '../support/host-core.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = newFolder();
  path = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const text = (): string => readFileSync(path, 'utf8');

test('what config.json does not say, the defaults do', () => {
  expect(policyOf({})).toEqual(DEFAULT_POWER_POLICY);
  expect(policyOf({ power: { batteryFloor: 5, withoutRelay: true } })).toEqual({
    ...DEFAULT_POWER_POLICY,
    batteryFloor: 5,
  });
});

test('a file is made where there is none, for its owner alone', () => {
  writePolicy(path, { keepAwake: 'lid' });
  expect([text(), statSync(path).mode & 0o777]).toEqual([
    '{\n  "power": {\n    "keepAwake": "lid"\n  }\n}\n',
    0o600,
  ]);
});

test('everything else stays as it was written, in its order and with its indent', () => {
  writeFileSync(
    path,
    '{\n\t"limits": {\n\t\t"agentProcesses": 3\n\t},\n\t"power": {\n\t\t"withoutRelay": true,\n\t\t"batteryFloor": 30\n\t}\n}\n',
  );
  writePolicy(path, { keepAwake: 'lid', batteryFloor: 10, mainsOnly: undefined });
  expect(text()).toBe(
    '{\n\t"limits": {\n\t\t"agentProcesses": 3\n\t},\n\t"power": {\n\t\t"withoutRelay": true,\n\t\t"batteryFloor": 10,\n\t\t"keepAwake": "lid"\n\t}\n}\n',
  );
});

test.each(['{"power":', '{"powr":{}}', '[]', '{"power":{"batteryFloor":200}}'])(
  'a bad file is refused in words and left alone: %s',
  (bad) => {
    writeFileSync(path, bad);
    expect(() => writePolicy(path, { keepAwake: 'lid' })).toThrow(
      /^The policy was not changed: config\.json \(.*\): .*Mend the file, then try again\.$/u,
    );
    expect(text()).toBe(bad);
  },
);

test('what a person saves in the same moment is kept', () => {
  writeFileSync(path, '{"limits":{"agentProcesses":3}}');
  let isFirst = true;
  editConfig(path, (json) => {
    if (isFirst) writeFileSync(path, '{"limits":{"agentProcesses":9}}');
    isFirst = false;
    return { ...json, power: { mainsOnly: true } };
  });
  expect(JSON.parse(text())).toEqual({ limits: { agentProcesses: 9 }, power: { mainsOnly: true } });
});

test('who saves without end is told so', () => {
  let n = 0;
  const edit = (): void =>
    editConfig(path, (json) => {
      writeFileSync(path, `{"limits":{"agentProcesses":${(n += 1)}}}`);
      return json;
    });
  expect(edit).toThrow('somebody else is changing it: try again');
});

test('a link stays a link', () => {
  const real = join(folder, 'dotfiles', 'config.json');
  mkdirSync(join(folder, 'dotfiles'));
  writeFileSync(real, '{}');
  symlinkSync(real, path);
  writePolicy(path, { mainsOnly: true });
  expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ power: { mainsOnly: true } });
});
