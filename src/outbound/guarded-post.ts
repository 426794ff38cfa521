import { lookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { bareHost, destinationOf, type Destination } from './destination.ts';
import { isPublicAddress } from './public-address.ts';
import { retryAfterMs } from './retry-after.ts';

/** Of an answer's body so much is kept: enough for a reason in words. */
const MAX_ANSWER_BYTES = 1_024;
const MAX_ANSWER_HEADER_BYTES = 16 * 1_024;

export interface GuardedRequest {
  /** Untrusted. Its path may be a secret: it is in no problem's words. */
  readonly url: string;
  /** Absent: POST. */
  readonly method?: 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For all of it: the name, the connection, the answer. */
  readonly limitMs: number;
  /** `host` or `host:port`: may be private, and plain http. All others are https and public. */
  readonly allowHosts: readonly string[];
}

export type Posted =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfterMs: number | null;
      /** At most 1 KB of it. */
      readonly body: string;
    }
  /** Nothing was sent. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** It may have arrived. */
  | { readonly kind: 'silent'; readonly problem: string };

/** What tests put in the place of the system's. */
export interface OutboundWorld {
  /** All addresses of a name. */
  resolve(host: string): Promise<readonly LookupAddress[]>;
  isPublic(address: string): boolean;
  /** Certificates that are trusted, PEM; absent: the system's. */
  readonly ca?: string;
  now(): number;
}

const system: OutboundWorld = {
  resolve: async (host) =>
    await new Promise((resolve, reject) => {
      lookup(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
    }),
  isPublic: isPublicAddress,
  now: () => Date.now(),
};

/**
 * POSTs to an untrusted address. The addresses that a name resolves to are checked and those, and no
 * others, are connected to, so that a name which changes its mind gains nothing. No redirect is
 * followed, no proxy used, no connection kept. Never throws, and is over within `limitMs`.
 */
export async function guardedPost(
  request: GuardedRequest,
  world: OutboundWorld = system,
): Promise<Posted> {
  const destination = destinationOf(request.url, request.allowHosts);
  if ('problem' in destination) return { kind: 'refused', problem: destination.problem };
  try {
    return await post(request, destination, world);
  } catch (error) {
    // A header that is none, or the like: Node says so before it connects.
    return { kind: 'refused', problem: `${bareHost(destination.url)}: ${wordsOf(error)}` };
  }
}

async function post(
  { method = 'POST', headers, body, limitMs }: GuardedRequest,
  { url, isAllowed }: Destination,
  world: OutboundWorld,
): Promise<Posted> {
  const isTls = url.protocol === 'https:';
  const sent = (isTls ? httpsRequest : httpRequest)(url, {
    method,
    headers: { ...headers, 'content-length': String(body.length) },
    agent: isTls ? new HttpsAgent({ ca: world.ca }) : new HttpAgent(),
    lookup: lookupFor(world, isAllowed),
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
  });
  return await new Promise<Posted>((resolve) => {
    let hasConnected = false;
    let answer: IncomingMessage | null = null;
    const text = { body: Buffer.alloc(0) };
    /** Once its status is there it has answered, however the rest of it goes. */
    const over = (why: string): void => {
      clearTimeout(timer);
      resolve(
        answer === null
          ? { kind: hasConnected ? 'silent' : 'refused', problem: `${bareHost(url)}: ${why}` }
          : {
              kind: 'answered',
              status: answer.statusCode ?? 0,
              retryAfterMs: retryAfterMs(answer.headers['retry-after'], world.now()),
              body: text.body.subarray(0, MAX_ANSWER_BYTES).toString('utf8'),
            },
      );
      sent.destroy();
    };
    const timer = setTimeout(() => over(`no answer within ${limitMs / 1_000} s`), limitMs);
    sent.on('socket', (socket) =>
      socket.once(isTls ? 'secureConnect' : 'connect', () => (hasConnected = true)),
    );
    sent.on('response', (message) => {
      answer = message;
      message.on('data', (chunk: Buffer) => {
        text.body = Buffer.concat([text.body, chunk]);
        if (text.body.length >= MAX_ANSWER_BYTES) over('it says more than is read');
      });
      message.on('error', () => {});
      message.on('close', () => over('it has answered'));
    });
    sent.on('error', (error) => over(wordsOf(error)));
    sent.on('close', () => over('the connection was cut before an answer'));
    sent.end(body);
  });
}

/** Answers with all addresses that may be connected to; fails where none is left. */
function lookupFor(world: OutboundWorld, isAllowed: boolean): LookupFunction {
  return (host, options, tell) => {
    const fail = (why: string): void => tell(new Refused(why), '', 0);
    world.resolve(host).then(
      (found) => {
        const good = found.filter(({ address }) => isAllowed || world.isPublic(address));
        const [first] = good;
        if (first === undefined) fail(found.length === 0 ? 'it has no address' : NO_PUBLIC_ADDRESS);
        else if (options.all === true) tell(null, [...good]);
        else tell(null, first.address, first.family);
      },
      (error: unknown) => fail(`its name was not found (${codeOf(error)})`),
    );
  };
}

const NO_PUBLIC_ADDRESS = 'it has only private addresses, and is not in allowHosts';

/** In words of ours. */
class Refused extends Error {
  override name = 'Refused';
}

/** An error of Node's may tell the whole address. */
function wordsOf(error: unknown): string {
  return error instanceof Refused ? error.message : `the connection failed (${codeOf(error)})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'no reason given';
}
