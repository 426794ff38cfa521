import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64url, toBase64url } from '../../../src/base/base64url.ts';
import type { DeviceKeys } from '../../../src/connection/device/ports.ts';
import type { Grant } from '../../../src/protocol/relay.ts';
import { DeviceIdentity, primitives } from '../../support/device-identity.ts';
import { BenchProcess, type BenchRelay } from './processes.ts';

const root = join(import.meta.dirname, '..', '..', '..');

export interface SealedEndOrder {
  readonly relay: {
    readonly socketUrl: string;
    readonly authority: string;
    readonly publicKey: string;
    readonly psk: string;
    readonly does: 'echo' | 'serve';
  };
  readonly device: { readonly device: string; readonly deviceKey: string };
}

/** A host of the bench's own at that relay, and the keys of a device that it knows. */
export async function sealedEnd(
  relay: BenchRelay,
  does: 'echo' | 'serve',
): Promise<{ process: BenchProcess; keys: DeviceKeys; stop(): Promise<void> }> {
  const { file, remove } = await built('sealed-end.ts');
  const process = new BenchProcess(file);
  const stop = async (): Promise<void> => {
    await process.stop();
    remove();
  };
  await process.heard();
  const identity = new DeviceIdentity();
  const rootPsk = primitives.randomBytes(32);
  const order: SealedEndOrder = {
    relay: {
      ...{ socketUrl: relay.socketUrl, authority: relay.authority, does },
      publicKey: toBase64url(identity.sealing().publicKey),
      psk: toBase64url(rootPsk),
    },
    device: {
      device: toBase64url(primitives.randomBytes(16)),
      deviceKey: toBase64url(identity.signingKey),
    },
  };
  const { grant, hostKey } = await process.ask<{ grant: Grant; hostKey: string }>(order);
  const keys = identity.keysOf({
    ...{ relay: `http://${relay.authority}`, grant, rootPsk },
    hostKey: fromBase64url(hostKey) ?? new Uint8Array(),
  });
  return { process, keys, stop };
}

/** A TypeScript file beside this one, bundled as the programs are, to be run by itself. */
export async function built(name: string): Promise<{ file: string; remove(): void }> {
  const vite = await import('vite');
  const outDir = mkdtempSync(join(root, 'dist', '.bench-end-'));
  await vite.build({
    configFile: false,
    root,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      ssr: join(import.meta.dirname, name),
      target: 'node20',
      outDir,
      minify: false,
      copyPublicDir: false,
      rolldownOptions: { output: { format: 'esm', entryFileNames: 'end.mjs' } },
    },
  });
  return {
    file: join(outDir, 'end.mjs'),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
