/** Tells the other pages of this phone what has changed in the storage that they share. */
export class Changes {
  readonly #channel: BroadcastChannel;

  constructor(name = 'porchlight') {
    this.#channel = new BroadcastChannel(name);
  }

  tell(what: string): void {
    this.#channel.postMessage(what);
  }

  /** Of other pages only. Returns its own undo. */
  on(what: string, changed: () => void): () => void {
    const onMessage = ({ data }: MessageEvent<unknown>): void => {
      if (data === what) changed();
    };
    this.#channel.addEventListener('message', onMessage);
    return () => this.#channel.removeEventListener('message', onMessage);
  }

  close(): void {
    this.#channel.close();
  }
}
