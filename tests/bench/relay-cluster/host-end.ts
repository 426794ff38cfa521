// A host of its own that seals with each device and answers each text with itself; `node end.mjs ORDER`.
// It dials again when its line ends, at the next node, after a wait. Says {host} over IPC whenever it has
// been admitted; {grants: [{id, public}]} is answered by {grants}.
import process from 'node:process';
import { WebSocket } from 'ws';
import { respond } from '../../../src/connection/sealed/open.ts';
import { nodePrimitives } from '../../../src/local/node-primitives.ts';
import { RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';
import { HostKey } from '../../support/relay-clients.ts';
import { sealedKeys } from '../relay/sealed-keys.ts';
import type { HostOrder, HostSays, HostTold } from './bench-host.ts';

const SLOT_BYTES = 4;

process.on('disconnect', () => process.exit(0));
const [orderText = ''] = process.argv.slice(2);
// Written by the bench.
const { nodes, redialMs } = JSON.parse(orderText) as HostOrder;
const primitives = await nodePrimitives();
const keys = sealedKeys(primitives);
const staticShared = await keys.host.dh(keys.device.publicKey);
const key = new HostKey();
let dials = 0;

process.on('message', ({ grants }: HostTold) =>
  say({ grants: grants.map((device) => key.grant(device)) }),
);
dial();

function dial(): void {
  const node = nodes[dials % nodes.length];
  if (node === undefined) throw new Error('No node is named.');
  dials += 1;
  const ws = new WebSocket(node.socketUrl, RELAY_SUBPROTOCOL, { perMessageDeflate: false });
  const slots = new Map<number, (frame: Uint8Array) => void>();
  ws.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    if (!isBinary) return heard(ws, node.authority, slots, data.toString());
    slots.get(data.readUInt32BE())?.(
      new Uint8Array(data.buffer, data.byteOffset + SLOT_BYTES, data.length - SLOT_BYTES),
    );
  });
  ws.on('error', () => {});
  ws.on('close', () => setTimeout(dial, redialMs));
}

function heard(
  ws: WebSocket,
  authority: string,
  slots: Map<number, (frame: Uint8Array) => void>,
  text: string,
): void {
  // What a relay says to its host, as its own tests hold it to.
  const said = JSON.parse(text) as { type: string; nonce: string; slot: number };
  if (said.type === 'challenge') {
    const admission = key.admission(said.nonce, authority);
    ws.send(JSON.stringify({ ...admission, dialledMs: Date.now() }));
  } else if (said.type === 'admitted') say({ host: { public: key.public, channel: key.channel } });
  else if (said.type === 'opened') slots.set(said.slot, answering(ws, said.slot));
  else if (said.type === 'closed') slots.delete(said.slot);
}

/** The host's end of one device's channel. */
function answering(ws: WebSocket, slot: number): (frame: Uint8Array) => void {
  let deliver: (frame: Uint8Array) => void = () => {};
  const transport = respond({
    ...{ primitives, staticShared, psk: keys.psk, prologue: keys.prologue },
    own: keys.host,
    remote: keys.device.publicKey,
    accept: () => true,
    confirmed: () => {},
    pipe: {
      bufferedBytes: 0,
      start: ({ frame }) => (deliver = frame),
      send: (bytes) => {
        const cargo = Buffer.allocUnsafe(SLOT_BYTES + bytes.length);
        cargo.writeUInt32BE(slot);
        cargo.set(bytes, SLOT_BYTES);
        ws.send(cargo);
      },
      close: () => ws.send(JSON.stringify({ type: 'close', slot, reason: 'over' })),
    },
  });
  transport.start({ message: (text) => transport.send(text), close: () => {} });
  return deliver;
}

function say(message: HostSays): void {
  process.send?.(message);
}
