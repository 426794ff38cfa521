import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { lanAddress } from '../../../../src/host/relay/lan-address.ts';

const at = (address: string, rest: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo =>
  ({
    ...{ address, netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null },
    ...{ family: 'IPv4', internal: false },
    ...rest,
  }) as NetworkInterfaceInfo;

test.each([
  ['no network', { lo: [at('127.0.0.1', { internal: true })] }, null],
  [
    'Linux with containers and a tunnel',
    {
      docker0: [at('172.17.0.1')],
      'br-3f1': [at('172.18.0.1')],
      tailscale0: [at('100.101.1.2')],
      wg0: [at('10.8.0.2')],
      wlp3s0: [at('fe80::1', { family: 'IPv6', scopeid: 2 }), at('192.168.1.20')],
    },
    '192.168.1.20',
  ],
  [
    'macOS with a bridge and AWDL',
    {
      bridge100: [at('192.168.64.1')],
      awdl0: [at('169.254.1.1')],
      utun3: [at('10.0.0.9')],
      en0: [at('10.1.2.3')],
    },
    '10.1.2.3',
  ],
  [
    'Windows with Hyper-V',
    {
      'vEthernet (WSL)': [at('172.28.0.1')],
      'VirtualBox Host-Only': [at('192.168.56.1')],
      'Wi-Fi': [at('192.168.0.7')],
    },
    '192.168.0.7',
  ],
  ['only a public address', { eth0: [at('203.0.113.5')] }, null],
  [
    'cable before an unknown name',
    { foo: [at('192.168.3.3')], eth0: [at('10.0.0.4')] },
    '10.0.0.4',
  ],
])('%s', (_, interfaces, address) => {
  expect(lanAddress(interfaces)).toBe(address);
});
