import type { HostClient } from '../../src/connection/host-client.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { MethodName, Params, Result } from '../../src/protocol/methods.ts';
import type { Home } from '../../src/local/home.ts';
import { RecordingSurface } from '../integration/support/recording-surface.ts';

/**
 * A command is sent again, with its id, until it has an answer. A real agent may need many tries to
 * start while keepers die; what takes longer than this is stuck.
 */
const CALL_LIMIT_MS = 300_000;
/** A host that was stopped with SIGSTOP says nothing; the socket stays open. */
const ANSWER_LIMIT_MS = 70_000;
const AGAIN_MS = 50;

/** A recording surface that is connected whenever there is a host, and asks again where it was cut off. */
export class ChaosSurface {
  readonly recording: RecordingSurface;
  #isConnecting = false;
  #isClosed = false;

  constructor(home: Home) {
    this.recording = new RecordingSurface(home);
    this.recording.lost.on(() => this.#connect());
  }

  /** As if its process were killed; it comes back. */
  cut(): void {
    this.recording.cut();
    this.#connect();
  }

  begin(): void {
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.recording.cut();
  }

  /** Throws an {@link RpcFailure} when the host refuses, and after minutes without an answer. */
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    const until = Date.now() + CALL_LIMIT_MS;
    for (;;) {
      try {
        return await this.#client().call(method, params, ANSWER_LIMIT_MS);
      } catch (error) {
        if (error instanceof RpcFailure) throw error;
        if (Date.now() > until || this.#isClosed)
          throw new Error(`No host has answered ${method}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #client(): HostClient {
    return this.recording.client;
  }

  #connect(): void {
    if (this.#isClosed || this.#isConnecting) return;
    this.#isConnecting = true;
    void this.recording
      .connect(CALL_LIMIT_MS)
      .catch(() => {})
      .then(() => {
        this.#isConnecting = false;
        // It may have been lost again while the last of it was on its way.
        if (!this.recording.isConnected) setTimeout(() => this.#connect(), AGAIN_MS);
      });
  }
}
