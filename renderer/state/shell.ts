/**
 * What the screens ask of an Electron shell around them; there is none in a browser or on a phone.
 * The desktop's bridge has more, which only `renderer/desktop` knows.
 */
export interface Shell {
  /** The system's folder dialog; null when it was cancelled. */
  call(name: 'pickFolder', params: { start?: string }): Promise<string | null>;
  call(name: 'recentFolders', params: Record<string, never>): Promise<string[]>;
  call(name: 'rememberFolder', params: { folder: string }): Promise<null>;
  /** http(s) only, in the person's browser. */
  call(name: 'openExternal', params: { url: string }): Promise<null>;
  call(name: 'startHost', params: Record<string, never>): Promise<null>;
}
