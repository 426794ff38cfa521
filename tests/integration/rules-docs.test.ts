import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliUnderTest } from './cli-under-test.ts';

const AT_ONCE = 4;
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'rules.md'), 'utf8');
const rules = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const examples = [...page.matchAll(/^\| `(rules check .*)` \| (\w+) \|$/gm)].map(
  ([, line = '', decision = '']) => ({ line, decision }),
);

let bench: CliUnderTest;
beforeEach(() => {
  bench = new CliUnderTest();
});
afterEach(async () => await bench.end());

it('the examples of docs/rules.md are true', async () => {
  writeFileSync(join(bench.home, 'rules.json'), rules, { mode: 0o600 });
  const found: object[] = [];
  for (let i = 0; i < examples.length; i += AT_ONCE)
    found.push(
      ...(await Promise.all(
        examples.slice(i, i + AT_ONCE).map(async ({ line }) => {
          const { decision } = await bench.json<{ decision: string }>(...words(line));
          return { line, decision };
        }),
      )),
    );
  expect(found).toEqual(examples);
  expect(examples.length).toBeGreaterThan(10);
});

/** As a shell would hand them over; `~` as well. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain = '']) =>
      quoted ?? (plain.startsWith('~/') ? join(process.env.HOME ?? '', plain.slice(2)) : plain),
  );
}
