import type { PathWorld } from '../paths/path-world.ts';
import { comparable, expandHome, isWithin, partsOf, realOf } from '../paths/resolve.ts';
import { compileGlob, isLiteral, type Glob } from './glob.ts';

/** A rule's path, read as far as it can be without a session. */
export class PathPattern {
  /** Parts before the first that is a glob: of an absolute one, from the root on. */
  readonly base: readonly string[];
  readonly isAbsolute: boolean;
  /** What the last part ends with, as files are named; a quick way to say no. */
  readonly #tail: string;
  readonly #rest: string;
  readonly #world: PathWorld;
  readonly #realBases = new Map<string, string>();
  /** Undefined until it is needed: of 10,000 globs few ever are. */
  #glob: Glob | null | undefined;

  constructor(written: string, world: PathWorld) {
    this.#world = world;
    const expanded = expandHome(written, world);
    const slashes = world.windows ? expanded.replaceAll('\\', '/') : expanded;
    this.isAbsolute = slashes.startsWith('/') || (world.windows && /^[a-z]:\//iu.test(slashes));
    const parts = slashes.split('/').filter((part) => part !== '' && part !== '.');
    const first = parts.findIndex((part) => !isLiteral(part));
    this.base = first === -1 ? parts : parts.slice(0, first);
    this.#rest = (first === -1 ? [] : parts.slice(first)).join('/');
    const tail = /[^*?[\]{}\\]*$/.exec(parts.at(-1) ?? '')?.[0] ?? '';
    this.#tail = world.foldsCase ? tail.normalize('NFC').toLowerCase() : tail;
  }

  /** `null`: it cannot be read, so nobody can say. */
  matches(form: string, cwd: string): boolean | null {
    // `x/**` also matches `x` itself, whose name the glob does not end with.
    if (this.#tail !== '' && !comparable(form, this.#world).endsWith(this.#tail)) return false;
    const base = this.#baseIn(cwd);
    const isBelow = isWithin(form, base, this.#world);
    const real = isBelow ? base : this.#realBase(base);
    if (!isBelow && !isWithin(form, real, this.#world)) return false;
    if (this.#rest === '') return comparable(form, this.#world) === comparable(real, this.#world);
    this.#glob ??= compileGlob(this.#rest, this.#world.foldsCase);
    if (this.#glob === null) return null;
    return this.#glob.matches(partsOf(form, this.#world).slice(partsOf(real, this.#world).length));
  }

  /** Where its folder really is, if it is absolute. */
  realBase(): string {
    return this.#realBase(this.#baseIn('/'));
  }

  #baseIn(cwd: string): string {
    const base = this.base.join('/');
    if (!this.isAbsolute) return base === '' ? cwd : withoutDots(`${cwd}/${base}`);
    return this.#world.windows ? base : withoutDots(`/${base}`);
  }

  #realBase(base: string): string {
    const known = this.#realBases.get(base);
    if (known !== undefined) return known;
    const real = realOf(base, this.#world) ?? base;
    // Sessions come and go, each with a folder of its own.
    if (this.#realBases.size > 20) this.#realBases.clear();
    this.#realBases.set(base, real);
    return real;
  }
}

function withoutDots(path: string): string {
  if (!path.includes('/..')) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || '/';
}
