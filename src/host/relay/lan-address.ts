import type { NetworkInterfaceInfo } from 'node:os';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Bridges of containers and virtual machines, and tunnels: no phone is there. */
const NOT_THE_LAN =
  /^(docker|br-|bridge|veth|virbr|vmnet|vboxnet|vethernet|lxc|cni|flannel|podman|tailscale|wg|tun|tap|utun|ppp|zt|awdl|llw|anpi|ap\d|lo)/iu;
const VIRTUAL = /hyper-v|wsl|virtualbox|vmware|loopback|tailscale|zerotier/iu;
/** Cable and radio, as the three systems name them. */
const CABLE_OR_RADIO = /^(en|eth|wl|wi-?fi|ethernet|wlan)/iu;

/** Where a phone on the same network finds this machine; null when it is on none. */
export function lanAddress(interfaces: Interfaces): string | null {
  const found = Object.entries(interfaces)
    .filter(([name]) => !NOT_THE_LAN.test(name) && !VIRTUAL.test(name))
    .flatMap(([name, addresses = []]) =>
      addresses
        .filter(
          ({ family, internal, address }) => family === 'IPv4' && !internal && isPrivate(address),
        )
        .map(({ address }) => ({ address, rank: rankOf(name, address) })),
    );
  return found.sort((a, b) => a.rank - b.rank)[0]?.address ?? null;
}

/** RFC 1918. An address of the internet or of the system's own making (169.254) is not asked for. */
function isPrivate(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number);
  return a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31);
}

function rankOf(name: string, address: string): number {
  return (CABLE_OR_RADIO.test(name) ? 0 : 2) + (address.startsWith('192.168.') ? 0 : 1);
}
