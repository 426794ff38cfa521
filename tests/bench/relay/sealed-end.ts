import { WebSocket } from 'ws';
import type { FramePipe } from '../../../src/connection/sealed/frame-pipe.ts';
import { respond } from '../../../src/connection/sealed/open.ts';
import { nodePrimitives } from '../../../src/local/node-primitives.ts';
import { RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';
import { RESUME_EVENTS, sealedKeys } from './sealed-keys.ts';

// A host at a relay: seals with each device, answers each text with itself, and `resume` with events.
// Over IPC: {host: url}, the answer is {nonce}; {admission} is what is said to it, the answer {admitted}.
const primitives = await nodePrimitives();
const keys = sealedKeys(primitives);
const staticShared = await keys.host.dh(keys.device.publicKey);
const event = JSON.stringify({ event: 'x'.repeat(180) });

function serve(pipe: FramePipe): void {
  const transport = respond({
    ...{ pipe, primitives, staticShared, psk: keys.psk, prologue: keys.prologue },
    own: keys.host,
    remote: keys.device.publicKey,
    accept: () => true,
    confirmed: () => {},
  });
  transport.start({
    message: (text) => {
      if (text !== 'resume') return transport.send(text);
      for (let i = 0; i < RESUME_EVENTS; i += 1) transport.send(event);
    },
    close: () => {},
  });
}

function beHost(url: string): WebSocket {
  const slots = new Map<number, (frame: Uint8Array) => void>();
  const ws = new WebSocket(url, RELAY_SUBPROTOCOL, { perMessageDeflate: false });
  const open = (slot: number): ((frame: Uint8Array) => void) => {
    let deliver: (frame: Uint8Array) => void = () => {};
    serve({
      bufferedBytes: 0,
      start: ({ frame }) => (deliver = frame),
      send: (bytes) => {
        const cargo = Buffer.allocUnsafe(4 + bytes.length);
        cargo.writeUInt32BE(slot);
        cargo.set(bytes, 4);
        ws.send(cargo);
      },
      close: () => void slots.delete(slot),
    });
    slots.set(slot, deliver);
    return deliver;
  };
  ws.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    if (!isBinary) {
      const said = JSON.parse(data.toString()) as { type: string; nonce?: string };
      if (said.type === 'challenge') process.send?.({ nonce: said.nonce });
      if (said.type === 'admitted') process.send?.({ admitted: true });
      return;
    }
    const slot = data.readUInt32BE();
    const frame = new Uint8Array(data.buffer, data.byteOffset + 4, data.length - 4);
    (slots.get(slot) ?? open(slot))(frame);
  });
  return ws;
}

let host: WebSocket | null = null;
process.on('message', (message: { host?: string; admission?: unknown }) => {
  if (message.host !== undefined) host = beHost(message.host);
  else host?.send(JSON.stringify(message.admission));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
