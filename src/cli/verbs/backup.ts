import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { BACKUP_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Cli } from '../cli.ts';
import { withHost } from '../host/host-link.ts';
import { count, megabytes } from '../output/text.ts';

const LOOK_MS = 2_000;

/** `porchlight backup [FILE]`: written by the host, so that it is of one moment while sessions work. */
export async function backUp(cli: Cli, file: string | undefined): Promise<void> {
  const stamp = new Date(cli.nowMs()).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '');
  const path = resolve(cli.cwd, file ?? `porchlight-backup-${stamp}.tar.gz`);
  const looking = setInterval(() => {
    const written = statSync(`${path}.part`, { throwIfNoEntry: false })?.size;
    if (written !== undefined) cli.out.remark(`${megabytes(written)} written …`);
  }, LOOK_MS);
  try {
    // Not sent again when the host goes away: the file may be there by then.
    const result = await withHost(
      cli,
      async ({ client }) => await client.call('host.backup', { path }, BACKUP_TIMEOUT_MS),
    );
    await cli.out.answer(
      result,
      () => `${result.path}: ${megabytes(result.bytes)}, ${count(result.sessions, 'session')}.`,
    );
  } finally {
    clearInterval(looking);
  }
}
