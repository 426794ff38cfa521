import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Device, RelayStatus, Role } from '../../../src/protocol/devices.ts';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import type { DeviceId } from '../../../src/protocol/relay.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { showToast } from '../../state/view-store.ts';
import { devices as t } from '../../strings/pairing.ts';

/** The relay tells nobody when it comes or goes: it is asked while somebody looks. */
const RELAY_EVERY_MS = 5_000;

/** A test takes the host up to 15 s; this is for the way. */
const TEST_LIMIT_MS = 20_000;

export interface DeviceActs {
  rename(device: DeviceId, name: string): Promise<void>;
  setPerson(device: DeviceId, person: string): Promise<void>;
  setRole(device: DeviceId, role: Role): Promise<void>;
  revoke(device: DeviceId): Promise<void>;
  revokeAll(): Promise<void>;
  /** Tells this place something harmless; throws in words. */
  test(place: string): Promise<NotifyTest>;
}

export interface Devices {
  /** null until the host has told. */
  readonly devices: readonly Device[] | null;
  readonly relay: RelayStatus | null;
  readonly failure: string | null;
  readonly acts: DeviceActs;
}

/** The paired devices as they are now, for as long as this is on screen. */
export function useDevices(): Devices {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [devices, setDevices] = useState<readonly Device[] | null>(null);
  const [relay, setRelay] = useState<RelayStatus | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const lookAtRelay = useCallback(
    () => link.call('relay.status', {}).then(setRelay, () => setRelay(null)),
    [link],
  );
  useEffect(() => {
    if (!isUp) return;
    let isShown = true;
    const undo = link.onNotice((notice) => {
      if (notice.name !== 'devices.changed') return;
      setDevices(notice.params.devices);
      void lookAtRelay();
    });
    link.call('devices.list', {}).then(
      (list) => {
        if (!isShown) return;
        setFailure(null);
        setDevices(list.devices);
      },
      (error: unknown) => {
        if (isShown) setFailure(`${t.failed} ${messageOf(error)}`);
      },
    );
    void lookAtRelay();
    const timer = setInterval(() => void lookAtRelay(), RELAY_EVERY_MS);
    return () => {
      isShown = false;
      undo();
      clearInterval(timer);
    };
  }, [link, isUp, lookAtRelay]);
  const acts = useMemo((): DeviceActs => {
    const done = async (doing: Promise<unknown>): Promise<void> => {
      try {
        await doing;
        const list = await link.call('devices.list', {});
        setDevices(list.devices);
      } catch (error) {
        showToast(messageOf(error));
      }
    };
    return {
      rename: async (device, name) => await done(link.call('devices.rename', { device, name })),
      setPerson: async (device, person) =>
        await done(link.call('devices.setPerson', { device, person })),
      setRole: async (device, role) => await done(link.call('devices.setRole', { device, role })),
      revoke: async (device) => await done(link.call('devices.revoke', { device })),
      test: async (place) => await link.call('notify.test', { place }, TEST_LIMIT_MS),
      revokeAll: async () => await done(link.call('devices.revoke', { all: true })),
    };
  }, [link]);
  return { devices, relay, failure, acts };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
