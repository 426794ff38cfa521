import { isAbsolute } from 'node:path';
import type { KeeperRequest } from '../protocol/keeper.ts';

export type Incoming =
  | { readonly kind: 'request'; readonly id: number; readonly request: KeeperRequest }
  /** Said to be a request, and answerable as a wrong one. */
  | { readonly kind: 'bad'; readonly id: number; readonly why: string }
  | { readonly kind: 'garbage' };

const INSTANCE = /^[A-Za-z0-9_-]{1,64}$/;

/** Parses one frame from a host, by hand: the keeper has no dependencies. */
export function parseRequest(text: string): Incoming {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'garbage' };
  }
  if (!isRecord(frame) || !isCount(frame.id)) return { kind: 'garbage' };
  const request = asRequest(frame);
  return typeof request === 'string'
    ? { kind: 'bad', id: frame.id, why: request }
    : { kind: 'request', id: frame.id, request };
}

function asRequest(frame: Record<string, unknown>): KeeperRequest | string {
  switch (frame.do) {
    case 'list':
    case 'stop':
      return { do: frame.do };
    case 'hello': {
      const { protocol, hostPid, hostVersion } = frame;
      if (!isCount(protocol) || !isCount(hostPid) || typeof hostVersion !== 'string')
        return 'hello takes protocol, hostPid and hostVersion';
      return { do: 'hello', protocol, hostPid, hostVersion };
    }
    default:
      return aboutInstance(frame);
  }
}

function aboutInstance(frame: Record<string, unknown>): KeeperRequest | string {
  const { instance } = frame;
  if (typeof instance !== 'string' || !INSTANCE.test(instance))
    return `${String(frame.do)} takes an instance of up to 64 letters, digits, _ and -`;
  switch (frame.do) {
    case 'end':
    case 'forget':
    case 'processes':
      return { do: frame.do, instance };
    case 'attach':
      return isCount(frame.after)
        ? { do: 'attach', instance, after: frame.after }
        : 'attach takes after, a number';
    case 'ack':
      return isCount(frame.offset)
        ? { do: 'ack', instance, offset: frame.offset }
        : 'ack takes offset, a number';
    case 'write': {
      const { n, line } = frame;
      if (!isCount(n) || typeof line !== 'string') return 'write takes n and line';
      return /[\n\r]/.test(line)
        ? 'write takes one line, without a line break'
        : { do: 'write', instance, n, line };
    }
    case 'spawn':
      return asSpawn(instance, frame);
    default:
      return `there is no ${JSON.stringify(frame.do)}`;
  }
}

function asSpawn(instance: string, frame: Record<string, unknown>): KeeperRequest | string {
  const { command, args, cwd, env } = frame;
  if (typeof command !== 'string' || command === '' || command.includes('\0'))
    return 'spawn takes a command';
  if (!Array.isArray(args) || !args.every(isText)) return 'spawn takes args, texts without NUL';
  if (!isText(cwd) || !isAbsolute(cwd)) return 'spawn takes cwd, an absolute path';
  if (!isEnv(env)) return 'spawn takes env, names and texts without NUL';
  return { do: 'spawn', instance, command, args, cwd, env };
}

function isEnv(value: unknown): value is Record<string, string> {
  return (
    isRecord(value) && Object.entries(value).every(([name, text]) => isText(name) && isText(text))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
