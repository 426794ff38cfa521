import { extname, join, normalize, sep } from 'node:path';

/** `<scheme>://app`, see `declare-scheme.ts`. */
export const APP_ORIGIN = 'porchlight://app';

/** Nothing from elsewhere, nothing evaluated, nothing framed. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Types by file name; a file of any other kind is not served. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.webp', 'image/webp'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
]);

export interface AppFile {
  readonly path: string;
  readonly type: string;
}

/** The file below `folder` that a URL of our scheme names, or null when it names none of ours. */
export function appFile(url: string, folder: string): AppFile | null {
  let pathname: string;
  try {
    const parsed = new URL(url);
    if (`${parsed.protocol}//${parsed.host}` !== APP_ORIGIN) return null;
    pathname = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(pathname)) return null;
  const path = normalize(join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  const type = TYPES.get(extname(path));
  return type === undefined ? null : { path, type };
}
