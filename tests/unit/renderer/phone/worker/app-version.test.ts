import { expect, test } from 'vitest';
import { AppUpdates } from '../../../../../renderer/phone/worker/app-version.ts';
import { VirtualTime } from '../../../../fakes/virtual-time.ts';

class Worker extends EventTarget {
  state: ServiceWorkerState = 'installing';

  become(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

/** A browser that is asked for workers: each of `fates` is what becomes of one. */
function browser(fates: ('refused' | 'cut off' | 'installed')[]) {
  let ready: () => void = () => {};
  const workers = Object.assign(new EventTarget(), {
    controller: null,
    ready: new Promise<void>((resolve) => (ready = resolve)),
    asked: 0,
    register: async () => {
      workers.asked += 1;
      const fate = fates.shift() ?? 'refused';
      if (fate === 'refused') throw new TypeError('Failed to fetch');
      const installing = new Worker();
      const registration = Object.assign(new EventTarget(), {
        ...{ installing, waiting: null, active: null as Worker | null },
      });
      setImmediate(() => {
        if (fate === 'installed') registration.active = installing;
        if (fate === 'installed') ready();
        installing.become(fate === 'installed' ? 'activated' : 'redundant');
      });
      return registration;
    },
  });
  return workers;
}

test('a first worker that was cut off while it fetched its files is begun again, until one stands', async () => {
  const time = new VirtualTime();
  const workers = browser(['refused', 'cut off', 'cut off', 'installed']);
  // Only what is used of it.
  const container = workers as unknown as ServiceWorkerContainer;
  const updates = new AppUpdates(
    container,
    () => {},
    (ms, run) => time.after(ms, run),
  );
  void updates.start(0);
  await time.advance(60_000);
  expect(updates.store.getState().offlineReady).toBe(true);
  await time.advance(600_000);
  expect(workers.asked).toBe(4);
});

test('a browser that will have none is not asked for ever', async () => {
  const time = new VirtualTime();
  const workers = browser([]);
  const container = workers as unknown as ServiceWorkerContainer;
  const updates = new AppUpdates(
    container,
    () => {},
    (ms, run) => time.after(ms, run),
  );
  void updates.start(0);
  await time.advance(24 * 3_600_000);
  expect([workers.asked, updates.store.getState().offlineReady]).toEqual([21, false]);
});
