import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Logger } from '../../base/log.ts';
import { NAME_IN_USE, NO_REPLICAS_HERE, STREAM_NOT_FOUND } from './jet-words.ts';

const NS_PER_MS = 1_000_000;
/** Within it the server itself knows what it has taken; see `jet-mail-store.ts` for later. */
const DEDUPE_MS = 120_000;
/** What is stored three times survives the loss of any one machine. */
const CLUSTER_REPLICAS = 3;

/** A stream, or the stream of a bucket: one message of each subject. */
export interface StreamPlan {
  readonly name: string;
  readonly subjects: readonly string[];
  /** null: kept until it is taken away. */
  readonly maxAgeMs: number | null;
  /** With more the oldest go; null: nothing goes, and what does not fit is refused. */
  readonly maxMessages: number | null;
}

/** As `@nats-io/kv` makes them, so that the tools of NATS can read it. */
export function bucketPlan(
  bucket: string,
  limits: Pick<StreamPlan, 'maxAgeMs' | 'maxMessages'> = { maxAgeMs: null, maxMessages: null },
): StreamPlan {
  return { name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], ...limits };
}

interface MakeNeeds {
  readonly manager: JetStreamManager;
  readonly replicas: number | null;
  readonly isCluster: boolean;
  readonly log: Logger;
}

/** One that is there stays as it is, but for the age of what is in it. Rejects with what JetStream said. */
export async function makeStream(plan: StreamPlan, needs: MakeNeeds): Promise<void> {
  const { manager, log } = needs;
  const found = await infoOf(plan.name, manager);
  const made = found ?? (await add(plan, needs));
  const wanted = maxAgeNs(plan);
  if (made === null || made.config.max_age === wanted) return;
  const duplicateWindow = Math.min(made.config.duplicate_window, dedupeNs(plan));
  try {
    await manager.streams.update(plan.name, {
      max_age: wanted,
      duplicate_window: duplicateWindow,
    });
  } catch (error) {
    log.warn(
      { stream: plan.name, err: error instanceof Error ? error.message : String(error) },
      'a stream keeps what is in it for another time than is set',
    );
  }
}

async function infoOf(name: string, manager: JetStreamManager): Promise<StreamInfo | null> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (codeOf(error) === STREAM_NOT_FOUND) return null;
    throw error;
  }
}

/** null: another node was faster. */
async function add(plan: StreamPlan, needs: MakeNeeds): Promise<StreamInfo | null> {
  const { replicas, isCluster, log, manager } = needs;
  const wanted = replicas ?? (isCluster ? CLUSTER_REPLICAS : 1);
  try {
    const info = await manager.streams.add(configOf(plan, wanted));
    log.info({ stream: plan.name, copies: wanted }, 'a stream was made');
    return info;
  } catch (error) {
    const code = codeOf(error);
    if (code === NAME_IN_USE) return null;
    // A cluster of three of which one is away has too few just now: with one copy it would stay so.
    if (replicas !== null || wanted === 1 || code !== NO_REPLICAS_HERE) throw error;
    return await add(plan, { ...needs, isCluster: false });
  }
}

function configOf(plan: StreamPlan, copies: number): Partial<StreamConfig> & { name: string } {
  return {
    name: plan.name,
    subjects: [...plan.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    discard: plan.maxMessages === null ? DiscardPolicy.New : DiscardPolicy.Old,
    max_msgs: plan.maxMessages ?? -1,
    num_replicas: copies,
    allow_direct: true,
    allow_rollup_hdrs: true,
    max_age: maxAgeNs(plan),
    duplicate_window: dedupeNs(plan),
  };
}

function maxAgeNs({ maxAgeMs }: StreamPlan): number {
  return maxAgeMs === null ? 0 : maxAgeMs * NS_PER_MS;
}

/** The server takes none that is longer than the age. */
function dedupeNs({ maxAgeMs }: StreamPlan): number {
  return Math.min(DEDUPE_MS, maxAgeMs ?? DEDUPE_MS) * NS_PER_MS;
}

function codeOf(error: unknown): number {
  return error instanceof JetStreamApiError ? error.code : 0;
}
