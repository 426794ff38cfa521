import type { PathWorld } from '../paths/path-world.ts';
import { comparable, isWithin, partsOf, realOf } from '../paths/resolve.ts';
import type { OwnPlaces } from './own-places.ts';

/** Of a project: its rules and what else it says to Porchlight. */
const PROJECT_FOLDER = '.porchlight';

/** Whether paths are Porchlight's own. Made once: its home does not move while it runs. */
export class OwnPaths {
  readonly #world: PathWorld;
  readonly #all: readonly string[];
  readonly #workplaces: readonly string[];

  constructor(own: OwnPlaces, world: PathWorld) {
    this.#world = world;
    this.#all = bothNames([...own.roots, ...own.others], world);
    this.#workplaces = bothNames(own.workplaces, world);
  }

  /** In the home or another place of its own, or a project's folder of rules. `form` is real. */
  holds(form: string): boolean {
    const workplace = this.#workplaces.find((each) => this.#isBelow(form, each));
    if (workplace !== undefined) return this.#isProjects(form.slice(workplace.length));
    if (this.#all.some((root) => isWithin(form, root, this.#world))) return true;
    return this.#isProjects(form);
  }

  /** It contains the home or another such place: what is done to all of it is done to those too. */
  isAbove(form: string): boolean {
    return this.#all.some((root) => root !== form && isWithin(root, form, this.#world));
  }

  /** Something of its own begins with these letters, whatever comes after them. */
  mayBegin(prefix: string): boolean {
    const text = comparable(prefix, this.#world);
    const from = prefix.endsWith('/') && !text.endsWith('/') ? `${text}/` : text;
    const isWorkplace = this.#workplaces.some((each) => this.#isBelow(prefix, each));
    return (
      !isWorkplace &&
      this.#all.some((root) => {
        const own = comparable(root, this.#world);
        return own.startsWith(from) || isWithin(prefix, root, this.#world);
      })
    );
  }

  /** A text names one of them in full. */
  isNamedIn(text: string): boolean {
    const plain = comparable(text, this.#world);
    return this.#all.some((root) => {
      const own = comparable(root, this.#world);
      for (let at = plain.indexOf(own); at !== -1; at = plain.indexOf(own, at + 1)) {
        const after = plain.slice(at + own.length);
        const isWorkplace = this.#workplaces
          .map((each) => comparable(each, this.#world))
          .some((each) => each.startsWith(own) && after.startsWith(`${each.slice(own.length)}/`));
        if (!isWorkplace && /^(?:$|[^\w.-])/u.test(after)) return true;
      }
      return false;
    });
  }

  #isBelow(form: string, folder: string): boolean {
    return (
      isWithin(form, folder, this.#world) &&
      partsOf(form, this.#world).length > partsOf(folder, this.#world).length
    );
  }

  #isProjects(form: string): boolean {
    return form.toLowerCase().replaceAll('\\', '/').split('/').includes(PROJECT_FOLDER);
  }
}

function bothNames(paths: readonly string[], world: PathWorld): string[] {
  return [...new Set(paths.flatMap((path) => [path, realOf(path, world) ?? path]))];
}
