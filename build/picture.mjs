// node build/picture.mjs: draws who imports whom into ARCHITECTURE.md, from the code itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'dependency-cruiser';
import { readImports } from './imports.mjs';
import { root } from './programs.mjs';

const file = join(root, 'ARCHITECTURE.md');
const BEGIN = '<!-- dependency picture -->';
const END = '<!-- /dependency picture -->';

/**
 * The document with `mermaid` between its markers.
 * @param {string} document
 * @param {string} mermaid
 */
export function withPicture(document, mermaid) {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`ARCHITECTURE.md has no "${BEGIN}" before "${END}": put both lines back`);
  const drawing = `${BEGIN}\n\n\`\`\`mermaid\n${mermaid.trim()}\n\`\`\`\n\n`;
  return document.slice(0, begin) + drawing + document.slice(end);
}

/**
 * The document as it is, and as it has to be.
 * @param {import('dependency-cruiser').ICruiseResult} imports
 */
export async function picture(imports) {
  const { output } = await format(imports, {
    outputType: 'mermaid',
    includeOnly: { path: '^(src|renderer)/' },
    collapse: '^(src|renderer)/[^/]+',
  });
  const before = readFileSync(file, 'utf8');
  return { before, after: withPicture(before, String(output)) };
}

async function main() {
  const { before, after } = await picture(await readImports());
  if (after === before) return;
  writeFileSync(file, after);
  process.stderr.write('ARCHITECTURE.md: the dependency picture is drawn anew\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
