// What makes the phone's page an app of its own. The colours are --paper of renderer/ui/tokens.css.
export const LIGHT = '#faf8f5';
export const DARK = '#13110e';

const icon = (src, sizes, purpose = 'any') => ({ src, sizes, type: 'image/png', purpose });

export const manifest = {
  id: 'porchlight',
  name: 'Porchlight',
  short_name: 'Porchlight',
  description: 'Your coding agents, on your phone.',
  lang: 'en',
  start_url: './',
  scope: './',
  display: 'standalone',
  theme_color: LIGHT,
  background_color: LIGHT,
  icons: [
    icon('icons/192.png', '192x192'),
    icon('icons/512.png', '512x512'),
    icon('icons/maskable-512.png', '512x512', 'maskable'),
  ],
  // Behind a long press on the app's icon, and a place of their own on a home screen.
  shortcuts: [
    {
      name: 'At a glance',
      description: 'What needs you, what works, and how the machine stands.',
      url: './#/summary',
      icons: [icon('icons/192.png', '192x192')],
    },
    { name: 'New session', url: './#/new', icons: [icon('icons/192.png', '192x192')] },
  ],
};
