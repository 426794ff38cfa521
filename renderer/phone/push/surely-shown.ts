/**
 * Where each push must show something, or the browser takes the permission away: all of WebKit, which
 * every browser on iOS is (https://webkit.org/blog/12945, "Violations of userVisibleOnly").
 */
export function mustShowEachPush(userAgent: string): boolean {
  return /AppleWebKit/.test(userAgent) && !/Chrom(?:e|ium)\//.test(userAgent);
}
