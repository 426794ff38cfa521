/** Where a page is, as its browser sees it. */
export interface PageOrigin {
  /** `host:port`; null when the request names one that is not ours. */
  readonly authority: string | null;
  readonly isSecure: boolean;
}

export interface PolicyOptions {
  readonly scriptHashes: readonly string[];
  /** Origins of other relays. */
  readonly allowConnect: readonly string[];
  readonly origin: PageOrigin;
}

/** The camera reads a pairing code; a passkey shows that the phone's person is there. */
const OWN_FEATURES = ['camera', 'publickey-credentials-create', 'publickey-credentials-get'];
/** Whatever else a browser offers to pages is refused to this one. */
const REFUSED_FEATURES = [
  ...['accelerometer', 'autoplay', 'browsing-topics', 'display-capture'],
  ...['encrypted-media', 'fullscreen', 'gamepad', 'geolocation', 'gyroscope', 'hid'],
  ...['idle-detection', 'local-fonts', 'magnetometer', 'microphone', 'midi', 'payment'],
  ...[
    'picture-in-picture',
    'screen-wake-lock',
    'serial',
    'storage-access',
    'usb',
    'window-management',
  ],
  'xr-spatial-tracking',
];
const PERMISSIONS = [
  ...OWN_FEATURES.map((name) => `${name}=(self)`),
  ...REFUSED_FEATURES.map((name) => `${name}=()`),
].join(', ');
const YEAR_SECONDS = 31_536_000;

/** Headers of every file of the page. */
export function commonHeaders({ isSecure }: PageOrigin): Record<string, string> {
  return {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': PERMISSIONS,
    'x-frame-options': 'DENY',
    ...(isSecure && { 'strict-transport-security': `max-age=${YEAR_SECONDS}` }),
  };
}

/**
 * The page's policy: two, and a script must please both (CSP3 §3.1). The first runs what has one of
 * the pinned hashes, and what that loads; the second nothing that is not served here, which is only
 * what was built. One with hashes alone would do where browsers know integrity in import maps;
 * those that do not (before Chrome 127, Safari 18) could load no further chunk with it.
 */
export function pagePolicy({ scriptHashes, allowConnect, origin }: PolicyOptions): string[] {
  const hashes = scriptHashes.map((hash) => `'${hash}'`);
  const connect = ["'self'", ...ownSocket(origin), ...allowConnect.flatMap(bothSchemes)];
  const first = [
    "default-src 'none'",
    ["script-src 'strict-dynamic'", ...hashes, "'wasm-unsafe-eval'"].join(' '),
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src ${connect.join(' ')}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const second = ["script-src 'self'", ...hashes, "'wasm-unsafe-eval'"];
  return [first.join('; '), second.join(' ')];
}

/** Of files that are no page; a worker that is loaded from one runs under it. */
export function filePolicy(options: Omit<PolicyOptions, 'scriptHashes'>): string {
  const { allowConnect, origin } = options;
  const connect = ["'self'", ...ownSocket(origin), ...allowConnect.flatMap(bothSchemes)];
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    // The pictures of notifications, which the service worker shows.
    'img-src data:',
    `connect-src ${connect.join(' ')}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `'self'` covers a WebSocket of the same origin in newer browsers only. */
function ownSocket({ authority, isSecure }: PageOrigin): string[] {
  return authority === null ? [] : [`${isSecure ? 'wss' : 'ws'}://${authority}`];
}

/** A relay is reached by WebSocket, and by POST where that is blocked. */
function bothSchemes(origin: string): string[] {
  const [scheme = '', rest = ''] = origin.split('://', 2);
  const isSecure = scheme === 'https' || scheme === 'wss';
  return isSecure ? [`https://${rest}`, `wss://${rest}`] : [`http://${rest}`, `ws://${rest}`];
}
