import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Given, Option } from './option.ts';
import { ENV_PREFIX, envOf, flagOf, OPTIONS } from './table.ts';

/** By the option's name. */
export type AllGiven = ReadonlyMap<string, readonly Given[]>;

const MAX_FILE_BYTES = 1024 * 1024;

const options: readonly (readonly [name: string, option: Option<unknown>])[] =
  Object.entries(OPTIONS);

/** What stands on the command line. `null`: help is asked for. Throws in words. */
export function fromFlags(args: readonly string[]): { given: AllGiven; config?: string } | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      ...Object.fromEntries(
        options.map(([name, { kind, isMany }]) => [
          flagOf(name),
          { type: kind.json === 'boolean' ? 'boolean' : 'string', multiple: isMany },
        ]),
      ),
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  const { config, ...rest } = values;
  // Those of the table, which the type does not name.
  const byFlag: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>> =
    rest;
  const given = new Map<string, Given[]>();
  for (const [name] of options) {
    const value = byFlag[flagOf(name)];
    if (value === undefined) continue;
    const where = `--${flagOf(name)}`;
    given.set(
      name,
      [value].flat().map((each) => ({ text: String(each), where })),
    );
  }
  return { given, ...(config !== undefined && { config }) };
}

/** `strange`: names that begin like ours and are none: most likely a slip. */
export function fromEnv(env: NodeJS.ProcessEnv): {
  given: AllGiven;
  config?: string;
  strange: readonly string[];
} {
  const given = new Map<string, Given[]>();
  const known = new Set([envOf('config')]);
  for (const [name, { isMany }] of options) {
    const where = envOf(name);
    known.add(where);
    const value = env[where];
    // As a compose file says "not set".
    if (value === undefined || value === '') continue;
    const texts = isMany ? value.split(',').map((text) => text.trim()) : [value];
    given.set(
      name,
      texts.filter((text) => text !== '').map((text) => ({ text, where })),
    );
  }
  const strange = Object.keys(env).filter(
    (name) => name.startsWith(ENV_PREFIX) && !known.has(name) && !OF_KUBERNETES.test(name),
  );
  const config = env[envOf('config')];
  return { given, strange, ...(config !== undefined && config !== '' && { config }) };
}

/** Each pod finds in its environment where the services beside it are: one may be called like us. */
const OF_KUBERNETES = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_\w+)?)?)$/;

/** A JSON object, strict: what it does not know, or is of another type, it names. */
export function fromFile(path: string): AllGiven {
  const json = objectIn(path);
  const folder = dirname(path);
  const given = new Map<string, Given[]>();
  const byName = new Map(options);
  for (const [name, value] of Object.entries(json)) {
    const option = byName.get(name);
    if (option === undefined)
      throw new Error(`${path}: "${name}" is no setting (--help lists them).`);
    const list = option.isMany ? z.array(z.unknown()).safeParse(value) : null;
    if (list?.success === false) throw new Error(`${path}: ${name} takes a list, as [ … ].`);
    const values = list === null ? [value] : list.data;
    given.set(
      name,
      values.map((each, index) => {
        const where = `${path}: ${name}${option.isMany ? `[${index}]` : ''}`;
        // oxlint-disable-next-line valid-typeof -- `json` is one of its words
        if (typeof each !== option.kind.json)
          throw new Error(`${where} takes a ${option.kind.json}.`);
        return { text: String(each), where, folder };
      }),
    );
  }
  return given;
}

function objectIn(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`Cannot read the settings in ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (text.length > MAX_FILE_BYTES) throw new Error(`${path} is too long for settings.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const object = z.record(z.string(), z.unknown()).safeParse(json);
  if (!object.success) throw new Error(`${path} takes an object, as {"maxConnections": 500}.`);
  return object.data;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
