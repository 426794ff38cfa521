import { isIP, isIPv4 } from 'node:net';

/** [first address, length of the prefix]: IANA's special-purpose registry, and what is no unicast. */
const NOT_PUBLIC_4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Within 2000::/3, which is all of IPv6 that is given out as global unicast. */
const NOT_PUBLIC_6: readonly (readonly [number, number, number])[] = [
  // 2001::/23: protocol assignments; Teredo is one, with an IPv4 address within.
  [0x2001, 0x0000, 23],
  [0x2001, 0x0db8, 32],
  // 6to4: its IPv4 address is wherever the packet goes, and nobody serves over it any more.
  [0x2002, 0x0000, 16],
  [0x3fff, 0x0000, 20],
];

/**
 * Whether an IP address leads out into the internet, whatever way it is written: private, loopback,
 * link-local, shared, reserved and multicast do not, nor what carries such an IPv4 address within.
 * False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  switch (isIP(bare)) {
    case 4:
      return isPublic4(number4(bare));
    case 6:
      return isPublic6(groups6(bare));
    default:
      return false;
  }
}

function isPublic4(value: number): boolean {
  return !NOT_PUBLIC_4.some(([first, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(value / size) === Math.floor(number4(first) / size);
  });
}

function isPublic6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const within = g * 65_536 + h;
  const isMapped = (a | b | c | d | e) === 0 && f === 0xffff;
  // NAT64 (RFC 6052): on a network without IPv4 every name leads there.
  const isNat64 = a === 0x64 && b === 0xff9b && (c | d | e | f) === 0;
  if (isMapped || isNat64) return isPublic4(within);
  if (a >> 13 !== 1) return false;
  const head = a * 65_536 + b;
  return !NOT_PUBLIC_6.some(([first, second, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(head / size) === Math.floor((first * 65_536 + second) / size);
  });
}

function number4(dotted: string): number {
  return dotted.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

function groups6(address: string): number[] {
  const [head = '', tail] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const left = [...head].flatMap(group);
  if (tail === undefined) return left;
  const right = tail.flatMap(group);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** The last part may be an IPv4 address. */
function group(part: string): number[] {
  if (!isIPv4(part)) return [Number.parseInt(part, 16)];
  const value = number4(part);
  return [Math.floor(value / 65_536), value % 65_536];
}
