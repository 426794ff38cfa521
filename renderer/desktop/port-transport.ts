import { hostPortClosedSchema } from '../../src/ipc/schema.ts';
import type { Transport } from '../../src/connection/transport.ts';

/** The shell's byte pipe: strings are messages, `{closed}` is the last thing on it. */
export function portTransport(port: MessagePort): Transport {
  let onClose: ((reason: string) => void) | null = null;
  let isClosed = false;
  return {
    bufferedBytes: 0,
    start: (on) => {
      onClose = on.close;
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isClosed) return;
        if (typeof data === 'string') return on.message(data);
        const parsed = hostPortClosedSchema.safeParse(data);
        if (!parsed.success) return;
        isClosed = true;
        port.close();
        onClose?.(parsed.data.closed);
      };
    },
    send: (text) => {
      if (!isClosed) port.postMessage(text);
    },
    close: () => {
      isClosed = true;
      port.close();
    },
  };
}
