import { silentLogger } from '../../../src/base/log.ts';
import { UiEndpoint } from '../../../src/host/endpoints/ui-endpoint.ts';
import { UiTokens } from '../../../src/host/endpoints/ui-tokens.ts';
import { compile } from '../../../build/compile.mjs';
import { dist } from '../../../build/programs.mjs';
import { FakeHost } from '../../fakes/fake-host.ts';

/**
 * The built window on loopback, through the host's real door, with a scripted host behind it: every
 * state of the window can be had, and every call of it seen.
 */
export class WindowHost {
  readonly host: FakeHost;
  #endpoint: UiEndpoint;
  #tokens: UiTokens;

  private constructor(host: FakeHost, tokens: UiTokens, endpoint: UiEndpoint) {
    this.host = host;
    this.#tokens = tokens;
    this.#endpoint = endpoint;
  }

  static async start(host = new FakeHost()): Promise<WindowHost> {
    await compile(['renderer']);
    const tokens = new UiTokens({ sessions: [], now: () => Date.now(), changed: () => {} });
    return new WindowHost(host, tokens, await serve(host, tokens, 0));
  }

  /** A fresh link; it works once. */
  link(): string {
    return this.#endpoint.link().url;
  }

  /** As if the host were gone; `comeBack` opens the same door again. */
  async goAway(): Promise<{ comeBack(): Promise<void> }> {
    const { port } = this.#endpoint;
    this.#endpoint.close();
    return {
      comeBack: async () => {
        this.#endpoint = await serve(this.host, this.#tokens, port);
      },
    };
  }

  stop(): void {
    this.#endpoint.close();
  }
}

async function serve(host: FakeHost, tokens: UiTokens, port: number): Promise<UiEndpoint> {
  return await UiEndpoint.listen({
    root: `${dist}/renderer/desktop`,
    logger: silentLogger,
    tokens,
    port,
    accept: (transport) => void host.serve(transport),
  });
}
