import type { LinkFacts } from '../../../src/connection/device/link-facts.ts';
import type { PowerState } from '../../../src/protocol/power.ts';
import { machineLine, type MachineLine } from '../../features/power/machine-line.ts';
import { phone } from '../../strings/phone.ts';
import { agoWords, type LinkWords } from './link-words.ts';

const t = phone.machine;

export interface MachineGiven {
  /** What the host told last; null: nothing, or it is older than that. */
  readonly power: PowerState | null;
  readonly link: LinkWords['kind'];
  readonly facts: LinkFacts;
  /** What is on screen comes from this phone's storage, and was true then; null: it does not. */
  readonly cachedAtMs: number | null;
  readonly nowMs: number;
}

export interface MachineWords {
  /** `last`: it was so; of now nothing is known. */
  readonly tone: MachineLine['tone'] | 'last';
  readonly words: string;
}

/**
 * "Awake for 1 session, lid may be closed, 64 %, relay 40 ms, checked 12 s ago". What is not known now
 * is said as what it was, and when: a light that nobody has seen lately is no light.
 */
export function machineWords({
  power,
  link,
  facts,
  cachedAtMs,
  nowMs,
}: MachineGiven): MachineWords {
  const line = power === null ? null : machineLine(power);
  if (link !== 'live') {
    const seen = agoWords(cachedAtMs ?? facts.heardAtMs, nowMs);
    return { tone: 'last', words: line === null ? t.notKnown : t.was(seen, line.words) };
  }
  const { relay, checked } = facts;
  const way = [
    relay.up && relay.rttMs !== null && t.relayIn(relay.rttMs),
    checked !== null && t.checkedAgo(agoWords(checked.atMs, nowMs)),
  ];
  const words = [line?.words ?? t.awake, ...way].filter(Boolean).join(', ');
  return { tone: line?.tone ?? 'quiet', words };
}
