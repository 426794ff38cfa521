import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { Transport } from '../../connection/transport.ts';
import { UiEndpoint } from './ui-endpoint.ts';
import { isFresh, UiTokens, uiSessionSchema, type UiSession } from './ui-tokens.ts';

/** What the next host needs so that open pages find it again. */
const rememberedSchema = z.object({
  port: z.number().int().positive(),
  sessions: z.array(uiSessionSchema),
});

export interface LoopbackUiNeeds {
  /** Folder of the built page. */
  readonly root: string;
  readonly logger: Logger;
  accept(transport: Transport): void;
  now(): number;
  /** One text that outlives the host; null when there is none. */
  readonly memory: { read(): string | null; write(text: string): void };
}

/**
 * The loopback UI, opened when someone asks for it, and again at its old port by a host that comes
 * after a crash or a restart, since a page keeps its address and its session. Whoever took the port
 * meanwhile may have been told a page's session: then all of them are forgotten.
 */
export class LoopbackUi {
  readonly #needs: LoopbackUiNeeds;
  #open: Promise<UiEndpoint> | null = null;
  #isClosed = false;
  #isForgotten = false;

  constructor(needs: LoopbackUiNeeds) {
    this.#needs = needs;
  }

  /** Opens it again where a page may be waiting. Never throws: without it a new link is needed. */
  async restore(): Promise<void> {
    const { memory, now, logger } = this.#needs;
    const remembered = parsed(memory.read());
    const sessions = remembered?.sessions.filter((each) => isFresh(each, now())) ?? [];
    if (remembered === null || sessions.length === 0) return;
    try {
      await this.#listen(remembered.port, sessions);
    } catch (error) {
      logger.warn({ err: error, port: remembered.port }, 'open pages need a new link');
      this.#write('');
    }
  }

  /** A link for one person, once. */
  async link(): Promise<{ url: string; expiresAt: string }> {
    return (await (this.#open ?? this.#listen(0, []))).link();
  }

  /** Connections that are gone without a word are ended. */
  probe(): void {
    this.#open?.then(
      (open) => open.probe(),
      () => {
        // Whoever asked for it was told.
      },
    );
  }

  /** For a host that was told to stop: nobody is to be admitted by what is on disk. */
  forget(): void {
    this.#isForgotten = true;
    this.#write('');
  }

  close(): void {
    this.#isClosed = true;
    this.#open?.then(
      (open) => open.close(),
      () => {
        // Whoever asked for it was told.
      },
    );
  }

  #listen(port: number, sessions: readonly UiSession[]): Promise<UiEndpoint> {
    const { root, logger, accept, now } = this.#needs;
    const tokens: UiTokens = new UiTokens({
      sessions,
      now,
      changed: (kept) => void this.#remember(kept),
    });
    const opening = UiEndpoint.listen({ root, logger, accept, tokens, port });
    this.#open = opening;
    opening.catch(() => {
      if (this.#open === opening) this.#open = null;
    });
    return opening;
  }

  async #remember(sessions: readonly UiSession[]): Promise<void> {
    const port = (await this.#open)?.port;
    if (port === undefined || this.#isClosed || this.#isForgotten) return;
    this.#write(JSON.stringify({ port, sessions }));
  }

  #write(text: string): void {
    try {
      if (this.#needs.memory.read() !== text) this.#needs.memory.write(text);
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'what open pages need could not be kept');
    }
  }
}

function parsed(text: string | null): z.infer<typeof rememberedSchema> | null {
  if (text === null || text === '') return null;
  try {
    return rememberedSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
