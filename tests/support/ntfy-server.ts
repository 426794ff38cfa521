import { z } from 'zod';
import { ScriptedServer, type Asked } from './scripted-server.ts';

/** The part of ntfy's JSON that we use; strict, so that a misspelt key is a fault. */
const messageSchema = z.strictObject({
  topic: z.string().regex(/^[\w-]{1,64}$/u),
  title: z.string().optional(),
  message: z.string(),
  priority: z.number().int().min(1).max(5).optional(),
  tags: z.array(z.string()).optional(),
  click: z.url().optional(),
  sequence_id: z
    .string()
    .regex(/^[\w-]{1,64}$/u)
    .optional(),
});
export type NtfyMessage = z.infer<typeof messageSchema>;

/** A small ntfy: publishing as JSON, and deletion by sequence id as from 2.16 on. */
export class NtfyServer extends ScriptedServer {
  readonly published: NtfyMessage[] = [];
  readonly deleted: string[] = [];
  readonly faults: string[] = [];
  /** Access token that it wants; null: none. */
  token: string | null = null;
  /** One from before sequence ids. */
  isOld = false;

  static async start(): Promise<NtfyServer> {
    return await new NtfyServer().listen();
  }

  /** What a subscriber sees: the newest of each sequence, without the deleted ones. */
  shown(): NtfyMessage[] {
    return [...this.#shown.values()];
  }

  readonly #shown = new Map<string, NtfyMessage>();

  protected take({ method, path, headers, body }: Asked, isTaken: boolean): number {
    if (this.token !== null && headers.authorization !== `Bearer ${this.token}`) return 403;
    if (method === 'DELETE') {
      const sequence = /^\/[\w-]{1,64}\/([\w-]{1,64})$/u.exec(path)?.[1];
      if (this.isOld || sequence === undefined) return 404;
      if (!isTaken) return 200;
      this.deleted.push(sequence);
      this.#shown.delete(sequence);
      return 200;
    }
    const parsed = messageSchema.safeParse(method === 'POST' && path === '/' ? jsonOf(body) : null);
    if (!parsed.success) {
      this.faults.push(`${method} ${path}: ${parsed.error.message}`);
      return 400;
    }
    if (!isTaken) return 200;
    this.published.push(parsed.data);
    const key = this.isOld ? String(this.published.length) : parsed.data.sequence_id;
    this.#shown.set(key ?? String(this.published.length), parsed.data);
    return 200;
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
