import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, type ExitCode } from '../failure.ts';

/**
 * `porchlight relay …`: the relay program with our own stdin, stdout and stderr; what it is told is
 * its own affair, see src/relay/options.ts.
 */
export async function runRelay(cli: Cli, args: readonly string[]): Promise<ExitCode> {
  const { dist, execPath } = cli.programs;
  const relay = spawn(execPath, [join(dist, 'relay', 'main.js'), ...args], {
    stdio: 'inherit',
    // Electron's binary is a Node only when it is told so.
    env: {
      ...cli.env,
      ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  const stopListening = cli.onSignal((signal) => void relay.kill(signal));
  try {
    return await new Promise<ExitCode>((resolve, reject) => {
      relay.once('error', (error) =>
        reject(new CliFailure(`The relay could not be started: ${error.message}`)),
      );
      relay.once('exit', (code) => resolve(exitCodeOf(code)));
    });
  } finally {
    stopListening();
  }
}

function exitCodeOf(code: number | null): ExitCode {
  if (code === 0) return EXIT.done;
  return code === EXIT.usage ? EXIT.usage : EXIT.failed;
}
