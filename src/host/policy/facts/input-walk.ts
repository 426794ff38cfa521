import { MAX_DEPTH, MAX_FIELDS } from './bounds.ts';

/** A value in a call's input, with the name of the field it stands in, in lower case. */
export interface InputLeaf {
  readonly field: string;
  readonly value: string | readonly string[];
  /** Field of the object or list around it, as deep as it is. */
  readonly within: readonly string[];
}

/** Every text of an input; lists of texts stay together, since a command may be one. */
export function leavesOf(input: unknown): { leaves: InputLeaf[]; whole: boolean } {
  const leaves: InputLeaf[] = [];
  let left = MAX_FIELDS;
  let whole = true;
  const visit = (value: unknown, field: string, within: readonly string[]): void => {
    left -= 1;
    if (left < 0 || within.length > MAX_DEPTH) {
      whole = false;
      return;
    }
    if (typeof value === 'string') leaves.push({ field, value, within });
    else if (Array.isArray(value)) {
      if (value.length > left) whole = false;
      else if (value.every((each): each is string => typeof each === 'string')) {
        left -= value.length;
        leaves.push({ field, value, within });
      } else for (const each of value) visit(each, field, [...within, field]);
    } else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value))
        visit(each, name.toLowerCase(), field === '' ? within : [...within, field]);
  };
  visit(input, '', []);
  return { leaves, whole };
}
