import type { DeviceId } from '../../protocol/relay.ts';
import type { Courier, Notice } from '../attention/notice.ts';
import { SILENCE_TAG, type NoteLink, type NotesFired } from './note-port.ts';
import type { Rounds } from './rounds.ts';

const MINUTE_MS = 60_000;

export interface SilenceOverNeeds {
  readonly courier: Pick<Courier, 'show'>;
  readonly rounds: Rounds;
  silenceMinutes(): number;
  badge(): number;
  hostName(): string;
  nowMs(): number;
  /** A time of day as it is written here, `14:20`. */
  clockTime(atMs: number): string;
}

/** Tells devices that heard of this host's silence that it is over: quietly, in the alarm's place. */
export class SilenceOver {
  readonly #needs: SilenceOverNeeds;
  /** By device, when the note was sent that it was told of the end of. */
  readonly #told = new Map<DeviceId, string>();

  constructor(needs: SilenceOverNeeds) {
    this.#needs = needs;
  }

  /** The relay may say it again, until it hears that it was heard. */
  fired({ fired }: NotesFired, link: Pick<NoteLink, 'say' | 'state'>): void {
    const { courier, badge, nowMs } = this.#needs;
    const backAtMs = Math.min(nowMs(), link.state.sinceMs ?? nowMs());
    for (const { device, at, status } of fired) {
      // No service took it, so that nobody has seen it.
      const isUnseen = status !== null && (status < 200 || status > 299);
      if (isUnseen || this.#told.get(device) === at) continue;
      this.#told.set(device, at);
      courier.show(`device:${device}`, this.#notice(device, at, backAtMs), badge());
    }
    link.say({ type: 'notesHeard', fired: fired.map(({ device, at }) => ({ device, at })) });
  }

  #notice(device: DeviceId, at: string, backAtMs: number): Notice {
    const { rounds, hostName, silenceMinutes, clockTime } = this.#needs;
    // The relay waited so long before it sent the note.
    const silentMs = backAtMs - Date.parse(at) + silenceMinutes() * MINUTE_MS;
    const body = `Back since ${clockTime(backAtMs)}; it was silent for ${duration(silentMs)}.`;
    return {
      ...{ id: SILENCE_TAG, round: rounds.back(device, at), kind: 'machine', loud: false },
      ...{ title: `${hostName()} is back`.slice(0, 200), body, bare: body },
      at: new Date(backAtMs).toISOString(),
    };
  }
}

/** About how long, for people. */
function duration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE_MS));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
