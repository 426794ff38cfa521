import { expect, test } from 'vitest';
import { linuxFreeMemory } from '../../../../src/host/limits/free-memory.linux.ts';
import { parseVmStat } from '../../../../src/host/limits/free-memory.macos.ts';

const MIB = 1024 * 1024;
const from = (files: Record<string, string>) => (path: string) => files[path] ?? null;
const meminfo =
  'MemTotal:       24684004 kB\nMemFree:          466000 kB\nMemAvailable:    2048000 kB';

test('on Linux it is what is available, or what the tightest limit above the host leaves', () => {
  const group = '/sys/fs/cgroup/user.slice/user-1000.slice';
  expect([
    linuxFreeMemory(from({ '/proc/meminfo': meminfo })),
    linuxFreeMemory(
      from({
        '/proc/meminfo': meminfo,
        '/proc/self/cgroup': '0::/user.slice/user-1000.slice/app.service',
        [`${group}/app.service/memory.max`]: 'max',
        [`${group}/app.service/memory.current`]: String(300 * MIB),
        [`${group}/memory.max`]: String(1_000 * MIB),
        [`${group}/memory.current`]: String(900 * MIB),
        [`${group}/memory.stat`]: `anon 5\ninactive_file ${400 * MIB}\nactive_file 7`,
      }),
    ),
    // A container's own group is its root, whatever the path says.
    linuxFreeMemory(
      from({
        '/proc/meminfo': meminfo,
        '/proc/self/cgroup': '4:cpu,cpuacct:/docker/ab\n3:memory:/docker/ab\n0::/',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': String(512 * MIB),
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': String(600 * MIB),
        '/sys/fs/cgroup/memory/memory.stat': `total_inactive_file ${10 * MIB}`,
      }),
    ),
    linuxFreeMemory(from({})),
  ]).toEqual([2_000 * MIB, 500 * MIB, 0, null]);
});

test('on macOS pages that can be had for the asking are free', () => {
  const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                5000.
Pages active:                            300000.
Pages inactive:                          200000.
Pages speculative:                         3000.
Pages throttled:                              0.
Pages wired down:                        120000.
Pages purgeable:                           2000.
`;
  expect([parseVmStat(text), parseVmStat('vm_stat: unknown')]).toEqual([210_000 * 16_384, null]);
});
