import { basename, dirname } from 'node:path';
import pino from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { Logger } from '../base/log.ts';

/** Keys whose values never reach the log, wherever they stand. */
const REDACTED = ['token', 'env', 'prompt', 'text', 'input', 'line', 'authorization'];

/** A disk that was full is tried again after this. */
const AGAIN_MS = 5_000;

/** The host's log: JSON lines, at most three files of 10 MB, readable by this user only. */
export function openLogFile(path: string): { logger: Logger; close(): Promise<void> } {
  const file = new LogFile(path);
  const logger = pino(
    {
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      level: 'info',
      redact: { paths: REDACTED.flatMap((key) => [key, `*.${key}`]), remove: true },
      serializers: { err: pino.stdSerializers.err },
    },
    file,
  );
  return { logger, close: async () => await file.close() };
}

/**
 * A stream that fails is at its end, and failing unheard it would end the host. A line that cannot be
 * written is lost; the host goes on, and so does its log once there is room again.
 */
class LogFile {
  readonly #path: string;
  #stream: RotatingFileStream | null = null;
  #failedAtMs = -Infinity;
  #lost = 0;

  constructor(path: string) {
    this.#path = path;
  }

  write(line: string): void {
    if (this.#stream === null && performance.now() - this.#failedAtMs > AGAIN_MS) this.#open();
    if (this.#stream === null) this.#lost += 1;
    else this.#stream.write(line);
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    this.#failedAtMs = Infinity;
    if (stream === null || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }

  #open(): void {
    const stream = createStream(basename(this.#path), {
      path: dirname(this.#path),
      size: '10M',
      maxFiles: 3,
      mode: 0o600,
    });
    stream.on('error', () => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.#failedAtMs = performance.now();
      this.#lost += 1;
    });
    this.#stream = stream;
    if (this.#lost > 0)
      stream.write(
        `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost: this.#lost, msg: 'lines of this log could not be written' })}\n`,
      );
    this.#lost = 0;
  }
}
