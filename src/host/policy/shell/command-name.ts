/** The name of a program, without its folder and what Windows puts behind it. */
export function basename(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/\.(?:exe|cmd|bat|com)$/i, '');
}

/** A name that PATH resolves, or one in the folders that only the administrator writes to. */
export function isSystemName(path: string): boolean {
  return !path.includes('/') || /^(?:\/usr)?\/bin\/[^/]+$/.test(path);
}
