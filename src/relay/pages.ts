import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { Page, PageFile } from './page-files.ts';
import { commonHeaders, filePolicy, pagePolicy, type PageOrigin } from './page-policy.ts';
import type { WebPart } from './web.ts';

const INDEX = 'index.html';
/** Their names change with what is in them. */
const HASHED = 'assets/';
const PACKABLE = /^(?:text\/|application\/(?:json|manifest|wasm)|image\/svg)/;

export interface PagesOptions {
  readonly page: Page;
  readonly allowConnect: readonly string[];
  readonly trustProxy: boolean;
  isOurName(authority: string): boolean;
}

/** Serves the phone's page from memory: what is not in its list is not there. */
export class Pages implements WebPart {
  readonly #options: PagesOptions;
  readonly #packed = new Map<string, Buffer>();

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const file = this.#options.page.files.get(path === '/' ? INDEX : path.slice(1));
    if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const isHashed = file.path.startsWith(HASHED);
    const headers = {
      ...this.#headers(file, originOf(request, this.#options)),
      etag: `"${file.hash}"`,
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    };
    if (request.headers['if-none-match']?.includes(file.hash) === true) {
      response.writeHead(304, headers).end();
      return true;
    }
    const isPacked = PACKABLE.test(file.type) && takesGzip(request);
    const body = isPacked ? this.#pack(file) : file.body;
    response.writeHead(200, {
      ...headers,
      'content-type': file.type,
      'content-length': body.length,
      ...(isPacked && { 'content-encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  #headers(file: PageFile, origin: PageOrigin): Record<string, string | string[]> {
    const { page, allowConnect } = this.#options;
    const policy = file.type.startsWith('text/html')
      ? pagePolicy({ scriptHashes: page.scriptHashes, allowConnect, origin })
      : filePolicy({ allowConnect, origin });
    return { ...commonHeaders(origin), 'content-security-policy': policy };
  }

  #pack(file: PageFile): Buffer {
    const packed = this.#packed.get(file.path) ?? gzipSync(file.body, { level: 9 });
    this.#packed.set(file.path, packed);
    return packed;
  }
}

function takesGzip(request: IncomingMessage): boolean {
  return /\bgzip\b(?!;\s*q=0(?:\.0*)?(?:,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
}

function originOf(
  { headers, socket }: IncomingMessage,
  { trustProxy, isOurName }: Pick<PagesOptions, 'trustProxy' | 'isOurName'>,
): PageOrigin {
  const forwarded = (name: string): string | undefined =>
    trustProxy
      ? String(headers[name] ?? '')
          .split(',')
          .at(-1)
          ?.trim() || undefined
      : undefined;
  const named = forwarded('x-forwarded-host') ?? headers.host ?? '';
  return {
    authority: isOurName(named) ? named.toLowerCase() : null,
    isSecure: socket instanceof TLSSocket || forwarded('x-forwarded-proto') === 'https',
  };
}
