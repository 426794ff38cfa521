// Runs TypeScript of tests/ outside the test runner: Node 20 reads none, and what drives the real
// app (demo, benches) shares its parts with the tests.
import { root } from './programs.mjs';

/**
 * @param {string} file absolute path of a module
 * @returns {Promise<{ module: any, close: () => Promise<void> }>} close when nothing imports any more
 */
export async function loadTypeScript(file) {
  const { createRunnableDevEnvironment, resolveConfig } = await import('vite');
  const config = await resolveConfig(
    {
      configFile: false,
      envDir: false,
      root,
      logLevel: 'error',
      environments: {
        script: {
          consumer: 'server',
          dev: { moduleRunnerTransform: true },
          resolve: { external: true, mainFields: [], conditions: ['node'] },
        },
      },
    },
    'serve',
  );
  const environment = createRunnableDevEnvironment('script', config, {
    runnerOptions: { hmr: { logger: false } },
    hot: false,
  });
  await environment.init();
  try {
    return { module: await environment.runner.import(file), close: () => environment.close() };
  } catch (error) {
    await environment.close();
    throw error;
  }
}
