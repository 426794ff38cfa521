/**
 * Records what the real agents say, against the scripted model:
 *
 *   node tests/fakes/record-transcript.mjs claude opencode codex gemini
 *
 * The agents must be in the cache (`porchlight agents install`, with PORCHLIGHT_AGENTS naming it).
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { module } = await runnerImport('tests/fakes/record-transcript.ts', {
  root,
  logLevel: 'error',
  configFile: false,
});
await module.recordInto(
  fileURLToPath(new URL('transcripts', import.meta.url)),
  process.argv.slice(2),
);
