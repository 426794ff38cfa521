import { describe, expect, test } from 'vitest';
import { ConnectionRefused } from '../../../../src/connection/refusals.ts';
import { sessionOf, takeToken, type TokenWorld } from '../../../../renderer/state/session-token.ts';

class MemoryStorage {
  readonly values = new Map<string, string>();
  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
  removeItem(key: string): void {
    this.values.delete(key);
  }
}

const TOKEN = 'abcdefgh12345678';
const SESSION = 'zyxwvuts87654321';

function world(answer: () => Response): TokenWorld & { storage: MemoryStorage; asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    storage: new MemoryStorage(),
    asked,
    fetch: async (path, { method, body }) => {
      asked.push([path, method, body]);
      return answer();
    },
  };
}

describe('the token of a link', () => {
  test('leaves the address and stays with this tab', () => {
    const storage = new MemoryStorage();
    expect(takeToken(`#token=${TOKEN}`, storage)).toEqual({ cleanHash: '' });
    expect([...storage.values.values()]).toEqual([TOKEN]);
  });

  test.each([['#token=short'], ['#token=has space in it'], ['#section'], ['']])(
    'is not %j, which is left alone',
    (hash) => {
      const storage = new MemoryStorage();
      expect([takeToken(hash, storage), storage.values.size]).toEqual([{ cleanHash: hash }, 0]);
    },
  );

  test('is exchanged once for a session, which is used from then on', async () => {
    const here = world(() => Response.json({ session: SESSION }));
    takeToken(`#token=${TOKEN}`, here.storage);
    expect([await sessionOf(here), await sessionOf(here)]).toEqual([SESSION, SESSION]);
    expect(here.asked).toEqual([['token', 'POST', JSON.stringify({ token: TOKEN })]]);
  });

  test('that was used before is refused, and not tried again', async () => {
    const here = world(() => new Response('used', { status: 401 }));
    takeToken(`#token=${TOKEN}`, here.storage);
    await expect(sessionOf(here)).rejects.toThrow(ConnectionRefused);
    await expect(sessionOf(here)).rejects.toThrow(ConnectionRefused);
    expect(here.asked).toHaveLength(1);
  });

  test('that was used before leaves an earlier session of this tab as it is', async () => {
    const here = world(() => Response.json({ session: SESSION }));
    takeToken(`#token=${TOKEN}`, here.storage);
    await sessionOf(here);
    takeToken(`#token=${TOKEN}`, here.storage);
    const again = { ...here, fetch: async () => new Response('', { status: 401 }) };
    expect(await sessionOf(again)).toBe(SESSION);
  });

  test('survives a host that does not answer', async () => {
    const here = world(() => {
      throw new TypeError('Failed to fetch');
    });
    takeToken(`#token=${TOKEN}`, here.storage);
    await expect(sessionOf(here)).rejects.toThrow('Failed to fetch');
    expect(here.storage.values.size).toBe(1);
  });
});
