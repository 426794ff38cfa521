/** Inside the session's folder the path from there, else the whole one. */
export function shortPath(path: string, cwd: string | undefined): string {
  if (cwd === undefined) return path;
  const base = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return path.startsWith(base) ? path.slice(base.length) : path;
}
