import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readSettings } from '../../../src/relay/options.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, 'deploy', 'relay');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
/** From being told to stop to the end, after everybody was sent away: see `relay.ts`. */
const STOP_SEC = 5;

const parsed = new Map<string, unknown[]>();

/** As the tool of the `yaml` package reads it: the first mistake ends it. */
function yaml(name: string): unknown[] {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const tool = join(root, 'node_modules', 'yaml', 'bin.mjs');
  const args = [tool, '--json', '--merge', '--strict'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    input: read(name),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  const documents = z.array(z.unknown()).parse(JSON.parse(stdout));
  parsed.set(name, documents);
  return documents;
}

const serviceSchema = z.looseObject({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  networks: z.array(z.string()).optional(),
  secrets: z.array(z.union([z.string(), z.looseObject({ source: z.string() })])).optional(),
  volumes: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.unknown()).optional(),
  secrets: z.record(z.string(), z.looseObject({ file: z.string() })).optional(),
  volumes: z.record(z.string(), z.unknown()).optional(),
});
const compose = (name: string) => composeSchema.parse(yaml(name)[0]);

const resourceSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({}),
});
const podSchema = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        containers: z.array(
          z.looseObject({
            args: z.array(z.string()),
            volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
          }),
        ),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
const resources = (name: string) =>
  yaml(`kubernetes/${name}`).map((each) => resourceSchema.parse(each));
const podOf = (name: string, kind: string) =>
  podSchema.parse(resources(name).find((each) => each.kind === kind)).spec.template;

/** The relay's arguments in a unit, its variables filled in. */
function unit(name: string): { args: string[]; text: string } {
  const text = read(name);
  const line = /^ExecStart=(.+)$/m.exec(text)?.[1] ?? '';
  const args = line
    .replace('${RELAY_NAME}', 'relay.example.org')
    .replaceAll(/\$\{\w+\}/g, '/x')
    .split(' ');
  return { text, args: args.slice(args.findIndex((arg) => arg.endsWith('main.js')) + 1) };
}

const imageArgs = (): string[] =>
  z
    .array(z.string())
    .parse(JSON.parse(/^ENTRYPOINT (.+)$/m.exec(read('Dockerfile'))?.[1] ?? ''))
    .slice(2);

const filled = (args: readonly string[]): string[] =>
  args.map((arg) => arg.replaceAll(/\$\{[^}]+\}/g, 'relay.example.org'));

/** Each with all that starts a relay there. */
const COMMANDS: Record<string, () => string[]> = {
  'compose.yaml': () => [
    ...imageArgs(),
    ...filled(compose('compose.yaml').services['relay']?.command ?? []),
  ],
  'compose.cluster.yaml': () => [
    ...imageArgs(),
    ...filled(compose('compose.cluster.yaml').services['relay-2']?.command ?? []),
  ],
  'porchlight-relay.service': () => unit('porchlight-relay.service').args,
  'porchlight-relay-node.service': () => unit('porchlight-relay-node.service').args,
  'kubernetes/relay.yaml': () => [
    ...imageArgs(),
    ...(podOf('relay.yaml', 'Deployment').spec.containers[0]?.args ?? []),
  ],
};
const seconds = (text: string | undefined): number => Number(/^(\d+)s?$/.exec(text ?? '')?.[1]);

describe('the files by which a relay is deployed', () => {
  test.each(Object.entries(COMMANDS))('%s: the relay takes what stands there', (_, args) => {
    expect(args().length).toBeGreaterThan(4);
    expect(readSettings(args(), {})).toMatchObject({ trustProxy: true });
  });

  test('give a node longer to stop than it takes to send everybody away', () => {
    const rests = {
      compose: seconds(compose('compose.cluster.yaml').services['relay-1']?.stop_grace_period),
      systemd: seconds(
        /^TimeoutStopSec=(\d+)$/m.exec(unit('porchlight-relay-node.service').text)?.[1],
      ),
      kubernetes: podOf('relay.yaml', 'Deployment').spec.terminationGracePeriodSeconds,
    };
    const drains = {
      compose: readSettings(COMMANDS['compose.cluster.yaml']?.() ?? [], {})?.drainMs,
      systemd: readSettings(COMMANDS['porchlight-relay-node.service']?.() ?? [], {})?.drainMs,
      kubernetes: readSettings(COMMANDS['kubernetes/relay.yaml']?.() ?? [], {})?.drainMs,
    };
    expect(drains).toEqual({ compose: 20_000, systemd: 20_000, kubernetes: 20_000 });
    for (const rest of Object.values(rests)) expect(rest).toBeGreaterThanOrEqual(20 + STOP_SEC);
  });

  test('name secrets, volumes and networks that are there, and files that exist or are made', () => {
    const made = [...read('make-secrets.sh').matchAll(/>(secrets\/[\w.-]+)$/gm)].map(
      ([, at]) => `./${at}`,
    );
    for (const name of ['compose.yaml', 'compose.cluster.yaml']) {
      const file = compose(name);
      const services = Object.values(file.services);
      const secrets = services.flatMap((each) => each.secrets ?? []);
      const mounts = services
        .flatMap((each) => each.volumes ?? [])
        .map((each) => each.split(':')[0]);
      expect({
        secrets: secrets.map((each) => (typeof each === 'string' ? each : each.source)),
        networks: services.flatMap((each) => each.networks ?? []),
        volumes: mounts.filter((each) => each?.startsWith('.') === false),
      }).toEqual({
        secrets: secrets.map(() => expect.toBeOneOf(Object.keys(file.secrets ?? {}))),
        networks: services
          .flatMap((each) => each.networks ?? [])
          .map(() => expect.toBeOneOf(Object.keys(file.networks ?? {}))),
        volumes: mounts
          .filter((each) => each?.startsWith('.') === false)
          .map(() => expect.toBeOneOf(Object.keys(file.volumes ?? {}))),
      });
      const files = mounts.filter((each) => each?.startsWith('.') === true);
      for (const each of files) expect(() => read(String(each))).not.toThrow();
      for (const { file: at } of Object.values(file.secrets ?? {})) expect(made).toContain(at);
    }
  });

  test('have every part in Kubernetes, of the pods that there are', () => {
    const all = ['relay.yaml', 'nats.yaml'].flatMap((name) =>
      resources(name).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    );
    expect(all.toSorted()).toEqual([
      'Deployment porchlight-relay',
      'NetworkPolicy porchlight-nats',
      'NetworkPolicy porchlight-relay',
      'PodDisruptionBudget porchlight-nats',
      'PodDisruptionBudget porchlight-relay',
      'Service porchlight-nats',
      'Service porchlight-relay',
      'StatefulSet porchlight-nats',
    ]);
    for (const [name, kind] of [
      ['relay.yaml', 'Deployment'],
      ['nats.yaml', 'StatefulSet'],
    ] as const) {
      const pod = podOf(name, kind);
      const label = `"app.kubernetes.io/name":"${pod.metadata.labels['app.kubernetes.io/name']}"`;
      for (const { kind: of, spec } of resources(name))
        expect([of, JSON.stringify(spec).includes(label)]).toEqual([of, true]);
      const mounted = pod.spec.containers.flatMap((each) => each.volumeMounts);
      const volumes = [...pod.spec.volumes.map((each) => each.name), 'data'];
      for (const { name: volume } of mounted) expect(volumes).toContain(volume);
    }
  });

  // It needs no systemd that runs.
  test.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'are units as systemd reads them (skipped where `systemd-analyze` is not installed)',
    () => {
      const units = ['porchlight-relay.service', 'porchlight-relay-node.service'];
      const { status, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', ...units.map((name) => join(folder, name))],
        { encoding: 'utf8' },
      );
      expect([status, stderr.split('\n').filter((line) => line.includes(folder))]).toEqual([0, []]);
    },
  );

  test('hold no secret, and nothing by chance', () => {
    expect(
      readdirSync(folder)
        .filter((name) => name !== 'secrets')
        .toSorted(),
    ).toEqual([
      'Caddyfile',
      'Caddyfile.cluster',
      'Dockerfile',
      'Dockerfile.dockerignore',
      'compose.cluster.yaml',
      'compose.yaml',
      'kubernetes',
      'make-secrets.sh',
      'nats.conf',
      'porchlight-relay-node.service',
      'porchlight-relay.service',
    ]);
    expect(read('nats.conf')).toContain('sync_interval: always');
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toContain('deploy/relay/secrets/');
    expect(read('Dockerfile.dockerignore')).toContain('deploy/relay/secrets');
  });
});
