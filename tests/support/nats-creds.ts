import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** An operator of a test's own, as `nsc` would make it: what servers are told, and a user's creds file. */
export class NatsOperator {
  readonly #operator = nkeys.createOperator();
  readonly #system = nkeys.createAccount();
  readonly #account = nkeys.createAccount();

  /** Lines of a server's configuration. */
  get config(): string {
    const accounts = [this.#system, this.#account].map(
      (account) => `${account.getPublicKey()}: "${this.#accountJwt(account)}"`,
    );
    return [
      `operator: "${jwt(this.#operator, this.#operator, { type: 'operator', version: 2 })}"`,
      `system_account: ${this.#system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accounts.join(', ')} }`,
    ].join('\n');
  }

  /** A new user's; `isForged`: signed by somebody whom no server knows. */
  async writeCreds(folder: string, { isForged = false } = {}): Promise<string> {
    const user = nkeys.createUser();
    const by = isForged ? nkeys.createAccount() : this.#account;
    const claims = { type: 'user', version: 2, subs: -1, data: -1, payload: -1, pub: {}, sub: {} };
    const seed = Buffer.from(user.getSeed()).toString('ascii');
    const file = join(folder, 'user.creds');
    await writeFile(
      file,
      `-----BEGIN NATS USER JWT-----\n${jwt(by, user, claims)}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
      { mode: 0o600 },
    );
    return file;
  }

  #accountJwt(account: KeyPair): string {
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const connections = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1 };
    const limits = {
      ...{ ...connections, imports: -1, exports: -1, wildcards: true },
      ...(account === this.#system ? {} : storage),
    };
    return jwt(this.#operator, account, { type: 'account', version: 2, limits });
  }
}

/** https://docs.nats.io: JWTs signed by nkeys. */
function jwt(by: KeyPair, of: KeyPair, nats: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ typ: 'JWT', alg: 'ed25519-nkey' });
  const iat = Math.floor(Date.now() / 1_000) - 10;
  const body = part({
    ...{ jti: of.getPublicKey(), iat, iss: by.getPublicKey() },
    ...{ sub: of.getPublicKey(), name: 'under test', nats },
  });
  const signature = by.sign(Buffer.from(`${head}.${body}`));
  return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
}
