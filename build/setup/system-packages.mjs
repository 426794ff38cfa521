// Debian and Ubuntu packages by what they are needed for. Lists tried in a bare Debian 12.

const window = [
  'libnss3',
  'libgtk-3-0',
  'libatk1.0-0',
  'libatk-bridge2.0-0',
  'libcups2',
  'libgbm1',
  'libasound2',
  'libdrm2',
  'libxkbcommon0',
  'libxcomposite1',
  'libxdamage1',
  'libxrandr2',
  'libpango-1.0-0',
  'libcairo2',
  'dbus',
  'fonts-dejavu-core',
];

// A display without a screen, and fonts that have what a transcript may hold.
const pictures = ['xvfb', 'xauth', 'fonts-noto-color-emoji', 'fonts-noto-cjk'];

// A real panel, a real browser, and hands and eyes for them.
const testing = [
  'chromium',
  'libnotify4',
  'xfce4-panel',
  'openbox',
  'xdotool',
  'imagemagick',
  'x11-utils',
  'git',
  'ca-certificates',
  'procps',
];

// A real logind and polkit on buses of their own, and stand-ins for what a bare machine lacks.
const sleeping = ['systemd', 'polkitd', 'python3-dbusmock', 'upower'];

// What joins the nodes of a relay.
const joining = ['nats-server'];

/** @type {Record<'start' | 'demo' | 'test', string[]>} */
export const systemPackages = {
  start: window,
  demo: [...window, ...pictures, 'git'],
  test: [...window, ...pictures, ...testing, ...sleeping, ...joining],
};

/** Ubuntu 24.04 renamed these with its change to 64-bit time. */
export const alsoNamed = (name) => `${name}t64`;
