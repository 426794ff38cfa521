// node store-writer.mjs <database>: a process that writes to a store until it is killed.
import { join } from 'node:path';
import { loadTypeScript } from '../../build/load-typescript.mjs';

const { module } = await loadTypeScript(join(import.meta.dirname, 'store-writer.ts'));
module.writeUntilKilled(process.argv[2]);
