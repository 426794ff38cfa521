import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the way to a model may break. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection goes after so many bytes of an answer; 0: before its first. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export interface ModelFault {
  readonly url: string;
  fault: Fault;
  close(): Promise<void>;
}

/** A way to the model stub that breaks when it is told to. */
export async function startModelFault(target: string): Promise<ModelFault> {
  const way: { fault: Fault } = { fault: { kind: 'none' } };
  const server = createServer((request, response) => {
    const { fault } = way;
    if (fault.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      const type = fault.status === 429 ? 'rate_limit_error' : 'api_error';
      const error = { type, message: `scripted ${fault.status}` };
      return void response.end(JSON.stringify({ type: 'error', error }));
    }
    if (fault.kind === 'cut' && fault.afterBytes === 0) return void request.socket.destroy();
    const { method, headers, url } = request;
    const onward = httpRequest(`${target}${url ?? ''}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        response.write(chunk);
        const now = way.fault;
        if (now.kind === 'cut' && bytes >= now.afterBytes) request.socket.destroy();
      });
      answer.on('end', () => response.end());
      answer.on('error', () => request.socket.destroy());
    });
    onward.on('error', () => request.socket.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(way, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
