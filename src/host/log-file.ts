import { basename, dirname } from 'node:path';
import pino from 'pino';
import { createStream } from 'rotating-file-stream';
import type { Logger } from '../base/log.ts';

/** Keys whose values never reach the log, wherever they stand. */
const REDACTED = ['token', 'env', 'prompt', 'text', 'input', 'line', 'authorization'];

/** The host's log: JSON lines, at most three files of 10 MB, readable by this user only. */
export function openLogFile(path: string): { logger: Logger; close(): Promise<void> } {
  const stream = createStream(basename(path), {
    path: dirname(path),
    size: '10M',
    maxFiles: 3,
    mode: 0o600,
  });
  const logger = pino(
    {
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      level: 'info',
      redact: { paths: REDACTED.flatMap((key) => [key, `*.${key}`]), remove: true },
      serializers: { err: pino.stdSerializers.err },
    },
    stream,
  );
  return {
    logger,
    close: async () => await new Promise((resolve) => stream.end(() => resolve())),
  };
}
