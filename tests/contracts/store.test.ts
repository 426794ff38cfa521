import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import { storeContract } from './store-contract.ts';

storeContract(() => {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-store-'));
  const path = join(folder, 'porchlight.db');
  let store = openStore(path, { log: silentLogger });
  return {
    store,
    reopen: () => {
      store.close();
      store = openStore(path, { log: silentLogger });
      return store;
    },
    end: () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
