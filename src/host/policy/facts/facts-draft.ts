import { deceptionsIn } from '../../../base/visible-text.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { absolutePath, resolvePath } from '../paths/resolve.ts';
import { MAX_HOSTS, MAX_PATHS, MAX_TEXT_CHARS } from './bounds.ts';
import type { CallFacts, FactPart, HostFact, PathAct, PathFact } from './call-facts.ts';
import { pathFact } from './path-fact.ts';
import { hostOfUrl } from './hosts.ts';

/** Facts of a call while they are gathered; keeps the bounds. */
export class FactsDraft {
  readonly deceptions: string[] = [];
  /** The session's folder, real. */
  readonly cwd: string;
  readonly world: PathWorld;
  readonly #folders: string[];
  readonly #paths = new Map<string, PathFact>();
  readonly #hosts = new Map<string, HostFact>();
  readonly #unknown = new Set<FactPart>();
  readonly #opaque = new Set<string>();
  readonly #mentions: string[] = [];
  #textLeft = MAX_TEXT_CHARS;

  constructor(cwd: string, world: PathWorld) {
    this.cwd = cwd;
    this.world = world;
    this.#folders = [cwd];
  }

  /** Where a command may be by now; paths in it may start at any of these. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /** The call says where it runs, in one way or another. */
  runIn(folder: string | readonly string[] | null): void {
    if (folder === null || folder === '') return;
    if (typeof folder !== 'string') return this.doesNotTell('command', 'paths');
    this.mention(folder);
    for (const form of resolvePath(folder, this.cwd, this.world) ?? []) {
      if (form === this.cwd) continue;
      this.doesNotTell('command');
      this.enter(form);
    }
  }

  enter(folder: string): void {
    if (this.#folders.includes(folder)) return;
    if (this.#folders.length >= 8) this.cannotTell('it goes through too many folders');
    else this.#folders.push(folder);
  }

  addPath(written: string, act: PathAct): void {
    this.mention(written);
    const forms = new Set<string>();
    const named = new Set<string>();
    for (const folder of this.#folders) {
      for (const form of resolvePath(written, folder, this.world) ?? []) forms.add(form);
      named.add(absolutePath(written, folder, this.world));
    }
    if (forms.size === 0) return this.cannotTell('a path in it cannot be followed');
    const key = `${act}\0${[...forms].join('\0')}`;
    if (this.#paths.has(key)) return;
    if (this.#paths.size >= MAX_PATHS) return this.cannotTell('it names too many paths to look at');
    this.#paths.set(key, pathFact(act, written, [...forms], [...named], this.world));
  }

  addUrl(url: string): void {
    this.mention(url);
    if (/^file:/iu.test(url)) return this.addPath(url, 'read');
    const host = hostOfUrl(/^[\w.-]+(?::\d+)?(?:\/|$)/u.test(url) ? `https://${url}` : url);
    if (host === null) this.doesNotTell('hosts');
    else this.addHosts([host]);
  }

  addHosts(hosts: readonly HostFact[]): void {
    for (const host of hosts) {
      if (this.#hosts.size >= MAX_HOSTS) return this.cannotTell('it names too many hosts');
      this.#hosts.set(`${host.host}:${host.port}`, host);
    }
  }

  /** A text that may name one of Porchlight's own places, or deceive. */
  mention(...texts: readonly string[]): void {
    for (const text of texts) {
      if (text.length > this.#textLeft) return this.cannotTell('it is too long to look at');
      this.#textLeft -= text.length;
      this.#mentions.push(text);
      for (const one of deceptionsIn(text))
        if (this.deceptions.length < 10) this.deceptions.push(one);
    }
  }

  doesNotTell(...parts: readonly FactPart[]): void {
    for (const part of parts) this.#unknown.add(part);
  }

  /** Nobody can say what it does. */
  cannotTell(why: string): void {
    this.#opaque.add(why);
  }

  facts(rest: Pick<CallFacts, 'kind' | 'tool' | 'commands' | 'mcp'>): CallFacts {
    const paths = [...this.#paths.values()];
    const hosts = [...this.#hosts.values()];
    if (paths.length === 0) this.#unknown.add('paths');
    if (hosts.length === 0) this.#unknown.add('hosts');
    return {
      ...rest,
      cwd: this.cwd,
      folders: this.#folders,
      paths,
      hosts,
      unknown: this.#unknown,
      opaque: [...this.#opaque],
      mentions: this.#mentions,
      deceptions: [...new Set(this.deceptions)],
    };
  }
}
