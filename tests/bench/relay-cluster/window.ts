import type { WebSocket } from 'ws';

export interface WindowOptions {
  readonly bytes: number;
  /** Frames that are under way at once. */
  readonly window: number;
  readonly count: number;
}

/** Frames that came back in a second, with so many under way all the time. */
export async function perSecond(
  ws: WebSocket,
  { bytes, window, count }: WindowOptions,
): Promise<number> {
  const frame = Buffer.alloc(bytes, 7);
  const startMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let came = 0;
    const lost = (): void => reject(new Error('The connection was lost'));
    const back = (): void => {
      came += 1;
      if (sent < count) {
        sent += 1;
        ws.send(frame);
      }
      if (came < count) return;
      ws.off('message', back);
      ws.off('close', lost);
      resolve();
    };
    ws.on('message', back);
    ws.once('close', lost);
    for (; sent < window; sent += 1) ws.send(frame);
  });
  return (count / (performance.now() - startMs)) * 1_000;
}
