import { build } from 'vite';

/** One script for a page of a test, from an entry in tests/fakes/phone-page. */
export async function buildPage(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: entry, output: { format: 'iife', codeSplitting: false } },
    },
  });
  for (const { output: files } of [output].flat() as {
    output: { type: string; code?: string }[];
  }[])
    for (const { type, code } of files) if (type === 'chunk' && code !== undefined) return code;
  throw new Error(`${entry} gave no script`);
}
