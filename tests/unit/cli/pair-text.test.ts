import decodeQR from 'qr/decode.js';
import { expect, test } from 'vitest';
import { terminalQr } from '../../../src/cli/pair/terminal-qr.ts';

test('the half blocks are the code: a decoder reads the link out of them', () => {
  const link = `https://relay.example/#p=${'aB3_-'.repeat(32)}`;
  const lines = terminalQr(link, undefined) ?? [];
  const rows = lines.flatMap((line) => [
    [...line].map((block) => block === '█' || block === '▀'),
    [...line].map((block) => block === '█' || block === '▄'),
  ]);
  const scale = 4;
  const side = (rows[0]?.length ?? 0) * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true)
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  expect(decodeQR({ width: side, height: side, data })).toBe(link);
});
