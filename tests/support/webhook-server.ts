import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { ScriptedServer, type Asked } from './scripted-server.ts';

const TOLERANCE_SEC = 300;
const bodySchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});
export type WebhookBody = z.infer<typeof bodySchema>;

/** A receiver that checks signatures as the Standard Webhooks have it, and does each id once. */
export class WebhookServer extends ScriptedServer {
  readonly calls: {
    readonly id: string;
    readonly timestamp: number;
    readonly body: WebhookBody;
  }[] = [];
  readonly faults: string[] = [];
  readonly #key: Buffer;

  private constructor(secret: string) {
    super();
    this.#key = secret.startsWith('whsec_')
      ? Buffer.from(secret.slice('whsec_'.length), 'base64')
      : Buffer.from(secret, 'utf8');
  }

  static async start(secret: string): Promise<WebhookServer> {
    return await new WebhookServer(secret).listen();
  }

  get url(): string {
    return `${this.origin}/hooks/porchlight?key=of-the-path`;
  }

  /** Each id once: what a receiver acts on. */
  done(): WebhookBody[] {
    return [...new Map(this.calls.map(({ id, body }) => [id, body])).values()];
  }

  protected take({ method, headers, body }: Asked, isTaken: boolean): number {
    const refuse = (fault: string): number => {
      this.faults.push(fault);
      return 401;
    };
    const [id, time] = [headers['webhook-id'], headers['webhook-timestamp']];
    if (method !== 'POST' || typeof id !== 'string' || typeof time !== 'string')
      return refuse('it is not signed');
    if (id.includes('.')) return refuse(`webhook-id ${id}`);
    if (Math.abs(Number(time) - Date.now() / 1_000) > TOLERANCE_SEC)
      return refuse(`webhook-timestamp ${time}`);
    const text = body.toString('utf8');
    const hmac = createHmac('sha256', this.#key).update(`${id}.${time}.${text}`).digest('base64');
    if (headers['webhook-signature'] !== `v1,${hmac}`) return refuse('signed by another');
    const parsed = bodySchema.safeParse(JSON.parse(text));
    if (!parsed.success) return refuse(parsed.error.message);
    if (isTaken) this.calls.push({ id, timestamp: Number(time), body: parsed.data });
    return 204;
  }
}
