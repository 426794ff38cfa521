/** Thrown by `open` when another attempt would end the same way. */
export class ConnectionRefused extends Error {
  override name = 'ConnectionRefused';
}

/** Thrown by `open` when the way to the host is open, and the host is not there. */
export class HostAway extends Error {
  override name = 'HostAway';
  /** Resolves when the host came; rejects when the way itself was lost. */
  readonly back: Promise<void>;

  constructor(message: string, back: Promise<void>) {
    super(message);
    this.back = back;
    // Whoever gave the attempt up does not listen.
    back.catch(() => {});
  }
}

/** The other end sent us away for its own sake: trying again soon is right, and nothing has failed. */
export class Moved extends Error {
  override name = 'Moved';
}
