import { commandIdSchema, type CommandId } from '../../src/protocol/ids.ts';

/** UUIDv7 (RFC 9562 §5.7): 48 bits of time, then random, so that commands sort by when they were made. */
export function commandIdOf(nowMs: number, random: Uint8Array): CommandId {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(nowMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return commandIdSchema.parse(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
  );
}

export function newCommandId(): CommandId {
  return commandIdOf(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
}
