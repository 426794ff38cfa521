/** Line drawings on a 16 px grid; always beside words or inside a labelled button, so never read out. */
const PATHS = {
  plus: 'M8 3v10M3 8h10',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  down: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  up: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  close: 'm4 4 8 8M12 4l-8 8',
  back: 'M13 8H3M7 4 3 8l4 4',
  side: 'M2.5 3h11v10h-11zM10 3v10',
  stop: 'M4.5 4.5h7v7h-7z',
  image: 'M2.5 3h11v10h-11zM3 11l3-3 2.5 2.5L10.500 8.500 13 11M10.500 6h.01',
  folder: 'M2 4.500h4l1.500 1.500H14v7H2z',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  check: 'm3 8.500 3.500 3.500L13 4.500',
  alert: 'M8 2.500 14.500 13.500h-13zM8 6.500v3.500M8 12h.01',
  terminal: 'm3 5 3 3-3 3M8 11.500h5',
  pencil: 'M3 13l.5-2.500 7.500-7.500 2 2-7.500 7.500z',
  eye: 'M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  globe: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c2 2 2 10 0 12M8 2C6 4 6 12 8 14',
  question: 'M5.500 6a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .7-1 1.500M8 12.500h.01',
  trash: 'M3 4.500h10M6.500 4.500V3h3v1.500M4.500 4.500 5 13h6l.5-8.500',
  move: 'M3 8h10M10 5l3 3-3 3',
  again: 'M13 8a5 5 0 1 1-1.500-3.600M13 2.500v2.500h-2.500',
  branch:
    'M4.500 5v6M4.500 5a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM4.500 14a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM11.500 7a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM11.500 7c0 2.500-4 2-6.500 3.800',
  copy: 'M5.500 5.500h8v8h-8zM3.500 10.500h-1v-8h8v1',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500',
  moon: 'M13 9.500A5.500 5.500 0 1 1 6.500 3a4.500 4.500 0 0 0 6.500 6.500Z',
  people:
    'M6 7.500a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400ZM2 13c0-2.500 1.800-4 4-4s4 1.500 4 4M11 7.500a2 2 0 0 0 0-4M12 9.300c1.300.6 2 1.900 2 3.700',
  settings:
    'M2.500 4.500h6M11.500 4.500h2M10 6a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM2.500 11.500h2M7.500 11.500h6M6 13a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z',
  send: 'M8 13V3M3.500 7.500 8 3l4.500 4.500',
  laptop: 'M3.500 3.500h9v6.500h-9zM1.500 12.500h13',
  lid: 'M1.500 12.500h13M3 9.500h10M6 5.500l1.500 1.500 3-3',
  ring: 'M8 12.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9Z',
  bell: 'M3 11.500c1.200-1 1.500-2.300 1.500-4a3.500 3.500 0 0 1 7 0c0 1.700.3 3 1.500 4zM6.700 13.500h2.600',
  phone: 'M5 1.500h6v13H5zM7.500 12h1',
  spark: 'M8 2.500v3M8 10.500v3M2.500 8h3M10.500 8h3',
  wrench:
    'M10 2.500a3.500 3.500 0 0 0-3.300 4.700L2.500 11.400l2 2 4.200-4.200A3.500 3.500 0 0 0 13.300 5L11 7 9 5l2-2.300Z',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({
  name,
  className = '',
}: {
  readonly name: IconName;
  readonly className?: string;
}) {
  return (
    <svg
      className={`icon ${className}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
