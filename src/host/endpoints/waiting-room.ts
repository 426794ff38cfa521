import { Peer } from '../../connection/peer.ts';
import type { Transport } from '../../connection/transport.ts';
import { RpcFailure } from '../../protocol/errors.ts';

/** Where surfaces connect; until a host can serve them they wait there. */
export interface Door {
  serve(accept: (transport: Transport) => void): void;
}

/**
 * A host that cannot serve yet says why, to everyone who comes, instead of keeping them waiting.
 * The words are those of the moment; serving for good later simply replaces this.
 */
export function turnAway(door: Door, words: () => string): void {
  door.serve((transport) => {
    const peer: Peer = new Peer(transport, {
      request: async () => {
        setImmediate(() => peer.close('not ready'));
        throw new RpcFailure('refused', words());
      },
      notification: () => {},
      close: () => {},
    });
  });
}
