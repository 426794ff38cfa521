import type { ComponentType } from 'react';
import { useStore } from 'zustand';
import type { PairingProps, PhoneWorld } from '../phone-world.ts';

/** Until the screens are here. */
export function PhoneApp({
  phone,
  Pairing,
}: {
  readonly phone: PhoneWorld;
  readonly Pairing: ComponentType<PairingProps>;
}) {
  const { open, facts } = useStore(phone.store);
  if (open === null || location.hash === '#/pair')
    return <Pairing canLeave={open !== null} onLeave={() => location.replace('#/')} />;
  return <p>{facts.host.here === true ? 'here' : 'away'}</p>;
}
