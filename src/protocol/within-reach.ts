/**
 * Whether a host name, as `URL.hostname` gives it, is this machine or one on the local network:
 * loopback, private (RFC 1918, RFC 4193), link-local, the shared range that overlay networks use
 * (RFC 6598), `.local` names and names without a dot.
 */
export function isWithinReach(hostname: string): boolean {
  const host = hostname.toLowerCase();
  if (host.startsWith('[')) return isLocalSix(host.slice(1, -1));
  const parts = host.split('.');
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part)))
    return isLocalFour(parts.map(Number));
  return !host.includes('.') || host.endsWith('.local') || host.endsWith('.localhost');
}

function isLocalFour([a = 0, b = 0]: readonly number[]): boolean {
  if (a === 127 || a === 10) return true;
  if (a === 172) return b >= 16 && b <= 31;
  if (a === 192) return b === 168;
  if (a === 169) return b === 254;
  return a === 100 && b >= 64 && b <= 127;
}

function isLocalSix(address: string): boolean {
  return address === '::1' || /^f[cd]|^fe[89ab]/.test(address);
}

/** Whether an http(s) address can be dialled from this machine only. */
export function isThisMachine(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
