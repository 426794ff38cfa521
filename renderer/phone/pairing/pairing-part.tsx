import { pairAsGuest } from '../../../src/connection/device/pair-as-guest.ts';
import type { RelayNetwork } from '../../../src/connection/device/ports.ts';
import { systemTimers } from '../../../src/connection/timers.ts';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { PairingProps } from '../phone-world.ts';
import type { Hosts } from '../store/hosts.ts';
import { VERSION } from '../version.ts';
import { defaultDeviceName } from './device-name.ts';
import { PairingFlow } from './pairing-flow.ts';
import { PairingScreen } from './pairing-screen.tsx';
import type { Surroundings } from './surroundings.ts';

export interface PairingPartNeeds {
  readonly page: Window;
  readonly around: Surroundings;
  readonly hosts: Hosts;
  readonly network: RelayNetwork;
  readonly subtle: SubtleCrypto | undefined;
  /** Hosts whose keys the browser has cleared. */
  wiped(): readonly string[];
  paired(hostId: string): Promise<void>;
  /** Calls with the link that opened the page, if any, and with each that is followed later. */
  onOffer(take: (fragment: string) => void): void;
}

/** All of pairing, in a part of its own: a phone needs it once. */
export function pairingPart(needs: PairingPartNeeds) {
  const { page, around, hosts, network, subtle } = needs;
  const { navigator, location } = page;
  const defaultName = defaultDeviceName(navigator.userAgent, navigator.maxTouchPoints);
  const flow = new PairingFlow({
    hosts,
    pair: (guest) =>
      pairAsGuest({
        ...guest,
        version: VERSION,
        network,
        primitives: noblePrimitives,
        timers: systemTimers,
      }),
    subtle,
    isHttps: location.protocol === 'https:',
    isBlocked: blockedRelays(page.document),
    nowMs: () => systemTimers.nowMs(),
    paired: needs.paired,
  });
  page.document.addEventListener('securitypolicyviolation', () => flow.policyRefused());
  needs.onOffer((fragment) => flow.take(fragment));
  return function Pairing(props: PairingProps) {
    return (
      <PairingScreen
        flow={flow}
        around={around}
        defaultName={defaultName}
        wiped={needs.wiped()}
        {...props}
      />
    );
  };
}

/** A page is told what its policy refused in an event, and not where it asked. */
function blockedRelays(document: Document): (relay: string) => boolean {
  const blocked = new Set<string>();
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === 'connect-src' && URL.canParse(blockedURI))
      blocked.add(new URL(blockedURI).host);
  });
  return (relay) => blocked.has(new URL(relay).host);
}
