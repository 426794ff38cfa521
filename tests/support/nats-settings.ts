import type { ClusterSettings } from '../../src/relay/cluster/settings.ts';

/** Of a node in a test, and what the test says instead. */
export function natsSettings(
  servers: readonly string[],
  change: Partial<ClusterSettings> = {},
): ClusterSettings {
  return {
    servers,
    credsFile: null,
    userFile: null,
    passwordFile: null,
    caFile: null,
    certFile: null,
    keyFile: null,
    prefix: 'under-test',
    replicas: null,
    mail: {
      maxAgeSec: 86_400,
      maxCount: 256,
      maxBytes: 4 * 1024 * 1024,
      maxAllBytes: 512 * 1024 * 1024,
    },
    ...change,
  };
}
