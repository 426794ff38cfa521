import type { PathWorld } from '../paths/path-world.ts';
import { expandHome, pathForm, realOf, type PathForm } from '../paths/resolve.ts';
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
  readonly #places = new Map<string, Place>();
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

  /** As {@link matches}, for letting through: a folder of the session's that an agent made a link is no more that folder. */
  covers(form: PathForm, cwd: string): boolean {
    return this.#match(form, this.#placeIn(cwd), this.isAbsolute) === true;
  }

  /** `null`: it cannot be read, so nobody can say. */
  matches(form: PathForm, cwd: string): boolean | null {
    return this.#match(form, this.#placeIn(cwd), true);
  }

  #match(form: PathForm, { named, real }: Place, follows: boolean): boolean | null {
    // `x/**` also matches `x` itself, whose name the glob does not end with.
    if (this.#tail !== '' && !form.text.endsWith(this.#tail)) return false;
    const under = isBelow(form, named) ? named : follows && isBelow(form, real) ? real : null;
    if (under === null) return false;
    if (this.#rest === '') return form.text === under.text;
    this.#glob ??= compileGlob(this.#rest, this.#world.foldsCase);
    if (this.#glob === null) return null;
    return this.#glob.matches(form.parts.slice(under.parts.length));
  }

  /** Where its folder really is, if it is absolute. */
  realBase(): PathForm {
    return this.#placeIn('').real;
  }

  /** A part that each path has as it is, besides those of `base`; null where there is none. */
  get literal(): string | null {
    const parts = this.#rest.split('/').filter((part) => part !== '' && isLiteral(part));
    return parts.reduce<string | null>(
      (a, b) => (a !== null && a.length >= b.length ? a : b),
      null,
    );
  }

  get tail(): string {
    return this.#tail;
  }

  #placeIn(cwd: string): Place {
    const key = this.isAbsolute ? '' : cwd;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const base = this.#baseIn(key);
    const place = {
      named: pathForm(base, this.#world),
      real: pathForm(realOf(base, this.#world) ?? base, this.#world),
    };
    // Sessions come and go, each with a folder of its own.
    if (this.#places.size > 4) this.#places.clear();
    this.#places.set(key, place);
    return place;
  }

  #baseIn(cwd: string): string {
    const base = this.base.join('/');
    if (!this.isAbsolute) return base === '' ? cwd : withoutDots(`${cwd}/${base}`);
    return this.#world.windows ? base : withoutDots(`/${base}`);
  }
}

interface Place {
  readonly named: PathForm;
  readonly real: PathForm;
}

function isBelow({ text }: PathForm, folder: PathForm): boolean {
  const above = folder.text;
  if (!text.startsWith(above)) return false;
  return text.length === above.length || above.endsWith('/') || text.charAt(above.length) === '/';
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
