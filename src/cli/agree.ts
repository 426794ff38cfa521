import { createInterface } from 'node:readline/promises';
import type { Cli } from './cli.ts';
import { CliFailure } from './failure.ts';

/** Puts a question to the person at the terminal; anything but yes ends the verb with `refusal`. */
export async function agree(cli: Cli, question: string, refusal: string): Promise<void> {
  const dialog = createInterface({ input: cli.stdin, output: cli.stderr });
  try {
    const said = await Promise.race([
      dialog.question(question),
      new Promise<string>((resolve) => dialog.once('close', () => resolve(''))),
    ]);
    if (!/^y(es)?$/iu.test(said.trim())) throw new CliFailure(refusal);
  } finally {
    dialog.close();
  }
}
