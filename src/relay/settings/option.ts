import type { Kind } from './kinds.ts';

/** One text that was given for an option, and the words for where. */
export interface Given {
  readonly text: string;
  readonly where: string;
  readonly folder?: string;
}

export interface Option<V> {
  readonly kind: Pick<Kind<unknown>, 'sample' | 'json'>;
  readonly isMany: boolean;
  /** A line or some of the usage, with what holds where nothing is given. */
  readonly help: string;
  /** Throws in words that begin with where it stands. */
  value(given: readonly Given[] | undefined): V;
}

export function one<T, D>(kind: Kind<T>, help: string, otherwise: D): Option<T | D> {
  return {
    ...{ kind, help },
    isMany: false,
    value: (given) => {
      const last = given?.at(-1);
      return last === undefined ? otherwise : read(kind, last);
    },
  };
}

export function many<T>(
  kind: Kind<T>,
  help: string,
  otherwise: readonly T[] = [],
): Option<readonly T[]> {
  return {
    ...{ kind, help },
    isMany: true,
    value: (given) =>
      given === undefined || given.length === 0 ? otherwise : given.map((each) => read(kind, each)),
  };
}

function read<T>(kind: Kind<T>, { text, where, folder }: Given): T {
  try {
    return kind.read(text, folder);
  } catch (error) {
    throw new Error(`${where} ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
