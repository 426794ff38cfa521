import { countsOf, type TrayState, type Waiting } from './tray-state.ts';
import { doesWait, hangWords, stands, waitWords } from './wait-words.ts';

export interface WaitTellerOptions {
  readonly state: () => TrayState;
  readonly tell: (waiting: Waiting) => void;
  /** Wall clock. */
  readonly nowMs: () => number;
  /** Once, and never what keeps the program alive. */
  readonly inAMinute: (again: () => void) => void;
}

/**
 * Tells the tray what waits, since when, and which agents stand still: when something changes, and
 * once a minute while something waits. Nothing ticks while nothing does. Not part of the tray itself,
 * which is up before there is anything to tell.
 */
export class WaitTeller {
  readonly #options: WaitTellerOptions;
  #isCounting = false;
  #told = '';

  constructor(options: WaitTellerOptions) {
    this.#options = options;
  }

  look(): void {
    const { state, tell, nowMs } = this.#options;
    const desk = state();
    const waiting: Waiting = {
      needs: waitWords(desk, countsOf(desk).needYou, nowMs()),
      hangs: hangWords(desk),
      stands: stands(desk),
    };
    const told = JSON.stringify(waiting);
    if (told !== this.#told) tell(waiting);
    this.#told = told;
    this.#tellAgain(desk);
  }

  #tellAgain(desk: TrayState): void {
    if (this.#isCounting || !doesWait(desk)) return;
    this.#isCounting = true;
    this.#options.inAMinute(() => {
      this.#isCounting = false;
      this.look();
    });
  }
}
