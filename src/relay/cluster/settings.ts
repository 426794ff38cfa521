/** How a node reaches the others. Everything of it comes from the operator, see `settings` of the program. */
export interface ClusterSettings {
  /** `nats://host:port` or `tls://host:port`; without a name or password in them. */
  readonly servers: readonly string[];
  /** A file of a user's JWT and seed, as `nsc` writes it. */
  readonly credsFile: string | null;
  /** Files of name and password, each read anew at every connect. */
  readonly userFile: string | null;
  readonly passwordFile: string | null;
  /** PEM files; null: the system's authorities, no certificate of our own. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Of all subjects, streams and buckets: `[\w-]{1,32}`. */
  readonly prefix: string;
  /** Copies of what is stored; null: three where the servers are that many, otherwise one. */
  readonly replicas: number | null;
  readonly mail: {
    readonly maxAgeSec: number;
    /** Of one host. */
    readonly maxCount: number;
    readonly maxBytes: number;
    /** Of all hosts together: a part of what JetStream may store, so that the rest always has room. */
    readonly maxAllBytes: number;
  };
}
