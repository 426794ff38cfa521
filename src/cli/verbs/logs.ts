import type { Cli } from '../cli.ts';
import { followFile } from '../logs/follow-file.ts';
import { logJson, logText } from '../logs/log-line.ts';

/** `porchlight logs`: the host's log as it is on disk; never starts a host. */
export async function showLogs(cli: Cli, options: { follow?: boolean }): Promise<void> {
  const leaving = new AbortController();
  const stopListening = cli.onSignal(() => leaving.abort());
  cli.out.onGone(() => leaving.abort());
  const form = cli.json ? logJson : logText;
  try {
    const found = await followFile(cli.home.hostLog, {
      follow: options.follow === true,
      signal: leaving.signal,
      lines: async (lines) => await cli.out.write(lines.map((line) => `${form(line)}\n`).join('')),
    });
    if (!found)
      cli.out.remark(
        `There is no log at ${cli.home.hostLog}: the host has not run in this home yet.`,
      );
  } finally {
    stopListening();
  }
}
