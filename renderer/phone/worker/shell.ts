/** What the shell needs of the worker's world; narrow, so that tests can stand in for it. */
export interface ShellWorld {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'>;
  readonly crypto: { readonly subtle: Pick<SubtleCrypto, 'digest'> };
  readonly registration: { readonly scope: string };
  fetch(request: Request): Promise<Response>;
}

const PREFIX = 'porchlight-shell-';
const PAGE = 'index.html';

/**
 * The files of one version of the app, kept on the phone. Nothing is used that is not on the list
 * or whose SHA-256 is not the one on it, whether it comes from the network or out of the cache.
 */
export class Shell {
  readonly #files: Readonly<Record<string, string>>;
  readonly #world: ShellWorld;

  constructor(files: Readonly<Record<string, string>>, world: ShellWorld) {
    this.#files = files;
    this.#world = world;
  }

  /** Named after what is in it, so that two versions never share one. */
  async #cacheName(): Promise<string> {
    const list = new TextEncoder().encode(JSON.stringify(this.#files));
    const digest = await sha256(this.#world, list);
    return PREFIX + digest.slice('sha256-'.length);
  }

  /** Brings the whole version in, or throws: half a version is never kept. */
  async fill(): Promise<void> {
    const name = await this.#cacheName();
    const older = (await this.#world.caches.keys()).filter(
      (known) => known.startsWith(PREFIX) && known !== name,
    );
    const cache = await this.#world.caches.open(name);
    try {
      for (const file of Object.keys(this.#files)) {
        if ((await this.#kept(name, file)) !== null) continue;
        await cache.put(this.#address(file), await this.#bring(file, older));
      }
    } catch (error) {
      await this.#world.caches.delete(name);
      throw error;
    }
  }

  /** Forgets every other version. */
  async tidy(): Promise<void> {
    const name = await this.#cacheName();
    for (const known of await this.#world.caches.keys())
      if (known.startsWith(PREFIX) && known !== name) await this.#world.caches.delete(known);
  }

  /** The file of this app that a request is for; null: not ours to answer. */
  fileOf(request: { url: string; method: string; mode: string }): string | null {
    const { scope } = this.#world.registration;
    if (request.method !== 'GET' || !request.url.startsWith(scope)) return null;
    const path = request.url.slice(scope.length).split(/[?#]/)[0] ?? '';
    if (path === '' || path === PAGE) return PAGE;
    return path in this.#files ? path : null;
  }

  async serve(file: string): Promise<Response> {
    const name = await this.#cacheName();
    const kept = await this.#kept(name, file);
    if (kept !== null) return kept;
    // The browser dropped it to make room.
    const fresh = await this.#fetched(file);
    const cache = await this.#world.caches.open(name);
    await cache.put(this.#address(file), fresh.clone());
    return fresh;
  }

  async #bring(file: string, older: readonly string[]): Promise<Response> {
    for (const name of older) {
      const kept = await this.#kept(name, file);
      if (kept !== null) return kept;
    }
    return await this.#fetched(file);
  }

  async #kept(name: string, file: string): Promise<Response | null> {
    const cache = await this.#world.caches.open(name);
    const found = await cache.match(this.#address(file));
    if (found === undefined) return null;
    return await this.#verified(file, found).catch(() => null);
  }

  async #fetched(file: string): Promise<Response> {
    const answer = await this.#world.fetch(
      new Request(this.#address(file), { cache: 'no-cache', credentials: 'same-origin' }),
    );
    if (!answer.ok) throw new Error(`${file} cannot be had: the server says ${answer.status}.`);
    return await this.#verified(file, answer);
  }

  async #verified(file: string, answer: Response): Promise<Response> {
    const body = await answer.arrayBuffer();
    if ((await sha256(this.#world, body)) !== this.#files[file])
      throw new Error(`${file} is not the file of this version.`);
    // Made anew: a redirected answer may not serve a navigation. The headers hold the page's policy.
    return new Response(body, { status: 200, headers: answer.headers });
  }

  #address(file: string): string {
    return this.#world.registration.scope + file;
  }
}

async function sha256({ crypto }: ShellWorld, bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
