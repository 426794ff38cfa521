import { renameSync } from 'node:fs';
import { z } from 'zod';
import { AuditSigner } from '../../local/audit/chain.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';

const fileSchema = z.object({
  version: z.literal(1),
  /** Ed25519, 32 bytes each. Two while a change is under way: the log says which one signs. */
  keys: z
    .array(z.string().regex(/^[\w-]{43}$/))
    .min(1)
    .max(2),
});

export interface AuditKeysNeeds {
  /** `<home>/audit-key.json`. */
  readonly path: string;
  now(): Date;
  /** The keys could not be read, or not be kept; in words. Null: all is well (again). */
  trouble(words: string | null): void;
}

/**
 * The keys that sign the audit log, made at first need. The file is durable before the log names a
 * key, so that a host which dies in between finds either.
 */
export class AuditKeys {
  readonly #needs: AuditKeysNeeds;
  #signers: AuditSigner[] | null = null;

  constructor(needs: AuditKeysNeeds) {
    this.#needs = needs;
  }

  /** The one with this public key, while it is not lost. */
  find(publicKey: string): AuditSigner | null {
    return this.#all().find((signer) => signer.publicKey === publicKey) ?? null;
  }

  /** One that is there already, else a new one. */
  any(): AuditSigner {
    return this.#all().at(-1) ?? this.#keep([AuditSigner.make()]);
  }

  /** A new one beside `present`, which goes once the log names the new one: {@link keepOnly}. */
  next(present: AuditSigner): AuditSigner {
    return this.#keep([present, AuditSigner.make()]);
  }

  keepOnly(signer: AuditSigner): void {
    this.#keep([signer]);
  }

  #all(): AuditSigner[] {
    this.#signers ??= this.#read();
    return this.#signers;
  }

  #keep(signers: AuditSigner[]): AuditSigner {
    const { path, trouble } = this.#needs;
    this.#signers = signers;
    const keys = signers.map(({ secret }) => secret);
    try {
      writePrivate(path, JSON.stringify({ version: 1, keys }));
      trouble(null);
    } catch (error) {
      // Decisions are not refused for this: the log goes on, and says later that a key was lost.
      trouble(
        `The key of the audit log cannot be kept in ${path} (${messageOf(error)}). The log goes on, but after the next start "porchlight audit verify" finds a break here.`,
      );
    }
    // There is at least one.
    return signers.at(-1) ?? AuditSigner.make();
  }

  #read(): AuditSigner[] {
    const { path, now } = this.#needs;
    try {
      const text = readPrivate(path);
      return text === null ? [] : parse(path, text).map((secret) => AuditSigner.of(secret));
    } catch (error) {
      const aside = `${path}.damaged-${now()
        .toISOString()
        .replaceAll(/[-:]|\.\d+/gu, '')}`;
      try {
        renameSync(path, aside);
      } catch {
        // It is about to be written over, or that fails too and is told.
      }
      this.#needs.trouble(
        `The key of the audit log could not be used: ${messageOf(error)} The log goes on with another key, and "porchlight audit verify" says so.`,
      );
      return [];
    }
  }
}

function parse(path: string, text: string): string[] {
  try {
    return fileSchema.parse(JSON.parse(text)).keys;
  } catch {
    // Its content must not get into an error or the log.
    throw new Error(`${path} is damaged.`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
