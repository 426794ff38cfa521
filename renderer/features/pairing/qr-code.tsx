import { useMemo } from 'react';
import QRCode from 'qrcode';

/** ISO/IEC 18004 asks for four modules of light around the code. */
const MARGIN = 4;

/** Black on white in every theme: a camera knows no dark mode. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => draw(text), [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}

function draw(text: string): { readonly size: number; readonly path: string } {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  let path = '';
  for (let y = 0; y < modules.size; y += 1)
    for (let x = 0; x < modules.size; x += 1)
      if (modules.get(y, x) === 1) path += `M${x + MARGIN} ${y + MARGIN}h1v1h-1z`;
  return { size: modules.size + 2 * MARGIN, path };
}
