import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { appFile, CONTENT_SECURITY_POLICY } from './app-files.ts';
import { APP_SCHEME } from './declare-scheme.ts';

/** Serves the built page from `folder`, with the policy on every answer. */
export function serveAppFiles(folder: string): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const file = request.method === 'GET' ? appFile(request.url, folder) : null;
    if (file === null) return answer('Not one of ours.', 404, 'text/plain');
    try {
      return answer(await readFile(file.path), 200, file.type);
    } catch {
      return answer('There is no such file.', 404, 'text/plain');
    }
  });
}

function answer(body: string | Uint8Array<ArrayBuffer>, status: number, type: string): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': type,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    },
  });
}
