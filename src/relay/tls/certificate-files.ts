import { readFile } from 'node:fs/promises';
import { withDeadline } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import { by, counter, gauge, type Family } from '../metrics/exposition.ts';
import { certificateOf, type Certificate } from './certificate.ts';

export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
}

const LOOK_EVERY_MS = 10_000;
const READ_LIMIT_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_MS = 7 * DAY_MS;

export interface CertificateWorld {
  readonly clock: Clock;
  wallMs(): number;
  readonly log: Logger;
  /** In words for the log. */
  read?(file: string): Promise<string>;
}

/**
 * The certificate of this relay as it stands in its files, which may be replaced at any time: that is
 * looked for every ten seconds, and when it is asked for. What cannot be used is told, and what was
 * there before stays in use.
 */
export class CertificateFiles {
  readonly changes = new Emitter<Certificate>();
  readonly #settings: TlsSettings;
  readonly #world: CertificateWorld;
  #current: Certificate;
  readonly #reloads = { done: 0, failed: 0 };
  /** What was last found to be of no use, and whether that has been told. */
  #bad: { readonly problem: string; isTold: boolean } | null = null;
  #isLooking = false;
  #stop: () => void = () => {};

  private constructor(settings: TlsSettings, world: CertificateWorld, current: Certificate) {
    this.#settings = settings;
    this.#world = world;
    this.#current = current;
    this.#next();
  }

  /** Throws in words what is wrong with the files. */
  static async open(settings: TlsSettings, world: CertificateWorld): Promise<CertificateFiles> {
    const files = new CertificateFiles(settings, world, await readBoth(settings, world));
    files.#tellAge();
    return files;
  }

  get current(): Certificate {
    return this.#current;
  }

  /** Now, since somebody said that the files are new. */
  async reload(): Promise<void> {
    await this.#look(true);
  }

  families(): Family[] {
    return [
      gauge(
        'tls_certificate_expiry_timestamp_seconds',
        'Until when the certificate is good, since 1970.',
        Math.round(this.#current.untilMs / 1_000),
      ),
      counter(
        'tls_reloads_total',
        'New certificates that were found.',
        by('outcome', this.#reloads),
      ),
    ];
  }

  close(): void {
    this.#stop();
  }

  #next(): void {
    this.#stop = this.#world.clock.after(LOOK_EVERY_MS, () => {
      void this.#look(false);
      this.#next();
    });
  }

  async #look(isAsked: boolean): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const found = await readBoth(this.#settings, this.#world);
      this.#bad = null;
      if (found.cert === this.#current.cert && found.key === this.#current.key) return;
      this.#current = found;
      this.#reloads.done += 1;
      this.#world.log.info({}, 'a new certificate is in use');
      this.#tellAge();
      this.changes.emit(found);
    } catch (error) {
      this.#keepOld(messageOf(error), isAsked);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Half of two files may be new already: what mends itself by the next look is not worth a word. */
  #keepOld(problem: string, isAsked: boolean): void {
    const isSame = this.#bad?.problem === problem;
    const bad = isSame && this.#bad !== null ? this.#bad : { problem, isTold: false };
    this.#bad = bad;
    if (bad.isTold || (!isSame && !isAsked)) return;
    bad.isTold = true;
    this.#reloads.failed += 1;
    this.#world.log.error({ problem }, 'the new certificate cannot be used; the old one stays');
  }

  #tellAge(): void {
    const leftMs = this.#current.untilMs - this.#world.wallMs();
    const days = Math.floor(leftMs / DAY_MS);
    if (leftMs < SOON_MS) this.#world.log.warn({ days }, 'the certificate ends soon, or has ended');
  }
}

async function readBoth(
  { certFile, keyFile }: TlsSettings,
  { read = readText }: CertificateWorld,
): Promise<Certificate> {
  const both = Promise.all([read(certFile), read(keyFile)]);
  const [cert, key] = await withDeadline(both, READ_LIMIT_MS, 'Reading the certificate');
  return certificateOf(cert, key);
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'utf8');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
