import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const ENTRY = 'renderer/phone/main.tsx';

interface Module {
  readonly text: string;
  readonly now: readonly string[];
  readonly later: readonly string[];
}
const modules = new Map<string, Module>();

function moduleOf(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, file), 'utf8');
  const named = (pattern: RegExp): string[] =>
    /\.tsx?$/.test(file)
      ? [...text.matchAll(pattern)].map((found) =>
          posix.join(posix.dirname(file), String(found[1])),
        )
      : [];
  const made = {
    text,
    now: named(/^(?:import|export)(?! type\b)[^;]*?'(\.[^']+)'/gm),
    later: named(/\bimport\('(\.[^']+)'\)/g),
  };
  modules.set(file, made);
  return made;
}

/** What is there as soon as this file is. */
function withImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of moduleOf(file).now) withImports(imported, found);
  return found;
}

/** Each part that is loaded by itself, with all that must have been loaded before it. */
function parts(): Map<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>([[ENTRY, withImports(ENTRY)]]);
  for (const [, before] of found)
    for (const file of before)
      for (const later of moduleOf(file).later)
        if (!found.has(later)) found.set(later, new Set([...before, ...withImports(later)]));
  return found;
}

const CLASS_NAMES = /className=(?:"([^"]+)"|\{`([^`$]+)[`$])/g;

test('whatever is loaded of the phone brings the styles of the classes that it names', () => {
  const all = [...parts()];
  const styles = new Set(all.flatMap(([, files]) => [...files].filter((f) => f.endsWith('.css'))));
  const definedIn = new Map<string, Set<string>>();
  for (const style of styles)
    for (const [, name] of moduleOf(style).text.matchAll(/\.([a-z][\w-]*)/g)) {
      const files = definedIn.get(String(name)) ?? new Set();
      definedIn.set(String(name), files.add(style));
    }
  const missing = all.flatMap(([part, there]) =>
    [...there]
      .filter((file) => file.endsWith('.tsx'))
      .flatMap((file) =>
        [...moduleOf(file).text.matchAll(CLASS_NAMES)]
          .flatMap(([, plain, made]) => String(plain ?? made).split(/\s+/))
          .filter((name) => {
            const files = definedIn.get(name);
            return files !== undefined && ![...files].some((style) => there.has(style));
          })
          .map((name) => `${part}: .${name} of ${file}`),
      ),
  );
  expect(all.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});
