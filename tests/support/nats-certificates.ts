import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PEM files. */
export interface Certificates {
  readonly caFile: string;
  /** Of the servers at 127.0.0.1, signed by the authority. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Of a client. */
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
}

/** An authority of a test's own, and what it has signed, by openssl. */
export async function makeCertificates(parent: string): Promise<Certificates> {
  const folder = join(parent, 'tls');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const openssl = async (...args: string[]) => await run('openssl', args, { timeout: 10_000 });
  const ca = ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=under test'];
  await openssl(...ca, '-keyout', at('ca.key'), '-out', at('ca.pem'));
  const sign = async (name: string, extensions: string): Promise<void> => {
    const subject = ['-subj', `/CN=${name}`];
    await openssl(
      'req',
      ...key,
      ...subject,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    await writeFile(at(`${name}.ext`), extensions);
    const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    const files = ['-in', at(`${name}.csr`), '-out', at(`${name}.pem`)];
    await openssl('x509', '-req', ...files, ...by, '-extfile', at(`${name}.ext`));
  };
  await sign(
    'server',
    'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  await sign('client', 'extendedKeyUsage=clientAuth\n');
  return {
    caFile: at('ca.pem'),
    certFile: at('server.pem'),
    keyFile: at('server.key'),
    clientCertFile: at('client.pem'),
    clientKeyFile: at('client.key'),
  };
}
