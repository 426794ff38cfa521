/** A page's WebSocket without a network: it complains as a browser does, and is moved by hand. */
export class PageSocket extends EventTarget {
  binaryType = 'blob';
  readonly bufferedAmount = 0;
  readyState: number = WS.connecting;
  readonly sent: unknown[] = [];
  readonly complaints: string[] = [];
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;

  send(data: unknown): void {
    if (this.readyState === WS.connecting) throw new Error('InvalidStateError');
    if (this.readyState === WS.open) this.sent.push(data);
    else this.complaints.push('WebSocket is already in CLOSING or CLOSED state.');
  }

  close(): void {
    this.readyState = Math.max(this.readyState, WS.closing);
  }

  opens(): void {
    this.readyState = WS.open;
    this.dispatchEvent(new Event('open'));
  }

  /** The other side or the network: the state changes at once, and the page is told in a later turn. */
  isCut(): void {
    this.readyState = WS.closing;
  }

  tellsClose(code = 1006, reason = ''): void {
    this.readyState = WS.closed;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
    this.onclose?.({ code, reason });
  }
}

const WS = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
