// Sets the fuses of an Electron binary to what the official build ships with: run as Node, read
// NODE_OPTIONS, take --inspect (test drivers attach through it), and no separate snapshot file.
// Layout: sentinel, version byte, count byte, one byte per fuse ('0' off, '1' on, 'r' removed).

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const official = '10110001';

/** @param {Buffer} binary changed in place */
export function setOfficialFuses(binary) {
  const at = binary.indexOf(SENTINEL);
  if (at < 0)
    throw new Error(
      'The Electron binary has no fuses: it is not Electron 12 or newer, or it is damaged',
    );
  if (binary.indexOf(SENTINEL, at + 1) >= 0)
    throw new Error('The Electron binary has two sets of fuses; only one is expected on Linux');
  const first = at + SENTINEL.length + 2;
  const count = binary[first - 1];
  for (let index = 0; index < Math.min(count, official.length); index += 1) {
    if (binary[first + index] === 'r'.charCodeAt(0)) continue;
    binary[first + index] = official.charCodeAt(index);
  }
}
