/** What one step of the check found. */
export interface Step {
  readonly what: string;
  readonly expected: string;
  /** In the words of the system, where it has any. */
  readonly seen: string;
  /** null: it could not be checked here, or was skipped. */
  readonly holds: boolean | null;
}

export type Found = Pick<Step, 'seen' | 'holds'>;

/** Collects steps, and says each as it comes. */
export class Steps {
  readonly all: Step[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  get holds(): boolean {
    return this.all.every(({ holds }) => holds !== false);
  }

  /** A check that throws does not hold. */
  async check(what: string, expected: string, look: () => Promise<Found>): Promise<Found> {
    let found: Found;
    try {
      found = await look();
    } catch (error) {
      found = { seen: error instanceof Error ? error.message : String(error), holds: false };
    }
    this.all.push({ what, expected, ...found });
    this.#say(`${mark(found.holds)}  ${what}: ${found.seen.split('\n')[0] ?? ''}`);
    return found;
  }
}

export function mark(holds: boolean | null): string {
  return holds === null ? 'not checked' : holds ? 'holds' : 'DOES NOT HOLD';
}
