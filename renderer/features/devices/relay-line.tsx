import type { RelayStatus } from '../../../src/protocol/devices.ts';
import { devices as t } from '../../strings/pairing.ts';
import { Icon } from '../../ui/icon.tsx';
import { ageOf } from '../../ui/time.ts';

/** The way to the devices, as it is now and since when. */
export function RelayLine({
  relay,
  nowMs,
}: {
  readonly relay: RelayStatus;
  readonly nowMs: number;
}) {
  return (
    <section className="relay-line" aria-label={t.relayLabel}>
      <Icon name={relay.problem === null ? 'globe' : 'alert'} />
      <div>
        <p>{wayOf(relay)}</p>
        {relay.url !== null && relay.problem === null && (
          <p className="field-hint">{standOf(relay, nowMs)}</p>
        )}
        {relay.problem !== null && (
          <p className="field-problem" role="alert">
            {relay.problem}
          </p>
        )}
        {relay.lanUrl !== null && <p className="field-hint">{t.relay.lan(relay.lanUrl)}</p>}
      </div>
    </section>
  );
}

function wayOf({ url, own }: RelayStatus): string {
  if (url === null) return t.relay.none;
  const { host } = new URL(url);
  return own ? t.relay.own(host) : t.relay.other(host);
}

function standOf({ connected, since }: RelayStatus, nowMs: number): string {
  if (since === null) return t.relay.connecting;
  const words = sinceWords(since, nowMs);
  return connected ? t.relay.connected(words) : t.relay.lost(words);
}

const HOUR_MS = 3_600_000;

/** "for 5 min", and from an hour on "since 14:30". */
function sinceWords(at: string, nowMs: number): string {
  const age = ageOf(at, nowMs);
  if (age === 'now') return t.relay.now;
  return nowMs - Date.parse(at) < HOUR_MS ? t.relay.forAge(age) : t.relay.since(age);
}
