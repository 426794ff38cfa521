// npm run check: types, lint, format, dependency rules, unused code and unit tests, two at a time.
import { runMain } from './setup/say.mjs';
import { setUp } from './setup.mjs';

async function main() {
  await setUp('headless');
  const { checkSteps, runSteps, unitStep } = await import('./check-steps.mjs');
  const since = Date.now();
  // The longest first, so that nothing waits for it at the end.
  const { passed, failed } = await runSteps([unitStep(), ...checkSteps()]);
  process.stdout.write(
    `${passed} passed, ${failed} failed (${((Date.now() - since) / 1_000).toFixed(1)} s)\n`,
  );
  return failed === 0 ? 0 : 1;
}

await runMain(main);
