// The host's end of what the bench seals: TypeScript, so it is loaded as the bench itself is.
import { join } from 'node:path';
import { loadTypeScript } from '../../../build/load-typescript.mjs';

await loadTypeScript(join(import.meta.dirname, 'sealed-end.ts'));
