import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withDeadline } from '../../../../src/base/deadline.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { systemTimers } from '../../../../src/connection/timers.ts';
import { PlaceCourier } from '../../../../src/host/courier/courier.ts';
import { PushCarrier } from '../../../../src/host/push/push-carrier.ts';
import { PushKeys } from '../../../../src/host/push/push-keys.ts';
import { guardedPost } from '../../../../src/outbound/guarded-post.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { PushService } from '../../../support/push-service.ts';

const NOTICES = 200;
const HANG_MS = 40;

let folder: string;
let service: PushService;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'courier-'));
  service = await PushService.start();
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

it('brings all of many pushes over real sockets to a service that fails every other time', async () => {
  const keys = new PushKeys(join(folder, 'push-key.json'));
  const at = new Date().toISOString();
  const subscriptions = ['A', 'B', 'C'].map((letter) => ({
    device: deviceIdSchema.parse(letter.repeat(22)),
    subscription: service.subscribe(),
  }));
  const carriers = subscriptions.map(
    (to) =>
      new PushCarrier(
        { id: to.device, name: to.device, role: 'operator', lastSeenAt: null },
        {
          ...to,
          serverKey: '',
          actions: true,
          silent: true,
          since: at,
          lastAt: null,
          problem: null,
        },
        {
          sealer: async () => await keys.load(),
          hostId: async () => await Promise.resolve('the-host'),
          allowHosts: () => [service.host],
          post: async (request) => await guardedPost({ ...request, limitMs: HANG_MS }),
        },
      ),
  );
  // A minute is a hundredth of a second.
  const timers = {
    ...systemTimers,
    after: (ms: number, run: () => void) => systemTimers.after(ms / 1_000, run),
  };
  let n = 0;
  const faults = [503, 'hang', { status: 429, retryAfter: '1' }, 'cut', 'drop', 500] as const;
  service.always = () => ((n += 1) % 2 === 0 ? (faults[(n / 2) % faults.length] ?? 503) : 201);
  const courier = new PlaceCourier({
    ...{ carriers: () => carriers, timers, random: () => 0.5, logger: silentLogger },
  });
  let handed = 0;
  const all = new Promise<void>((resolve) => {
    courier.handed.on(({ outcome }) => {
      if (outcome === 'handed' && (handed += 1) === NOTICES) resolve();
    });
  });
  const places = carriers.map(({ outlet }) => outlet.place);
  const words = { title: 't', body: 'b', bare: 'b', at, loud: false } as const;
  for (let id = 0; id < NOTICES; id += 1)
    courier.show(
      places[id % places.length] ?? '',
      { id: `i${id}`, round: 1, kind: 'decision', ...words },
      1,
    );
  await withDeadline(all, 30_000, 'Bringing them all');
  expect([handed, service.faults]).toEqual([NOTICES, []]);
  for (const [index, { subscription }] of subscriptions.entries()) {
    const tags = service
      .takenBy(subscription)
      .flatMap((payload) => (payload.type === 'show' ? [payload.tag] : []));
    const own = Array.from({ length: NOTICES }, (_, id) => id).filter((id) => id % 3 === index);
    // In order; what may have arrived came once more, right after.
    expect(tags.filter((tag, at_) => tag !== tags[at_ - 1])).toEqual(own.map((id) => `i${id}`));
  }
}, 40_000);
