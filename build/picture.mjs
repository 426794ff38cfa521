// node build/picture.mjs: draws who imports whom into ARCHITECTURE.md, from the code itself.
// --check: changes nothing and fails when the drawing there is out of date.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'ARCHITECTURE.md');
const BEGIN = '<!-- dependency picture -->';
const END = '<!-- /dependency picture -->';
const LIMIT_MS = 120_000;

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

function drawn() {
  return execFileSync(
    process.execPath,
    [
      join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      ...['--include-only', '^(src|renderer)/', '--collapse', '^(src|renderer)/[^/]+'],
      ...['--output-type', 'mermaid', 'src', 'renderer'],
    ],
    { cwd: root, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 },
  );
}

function main(args) {
  const before = readFileSync(file, 'utf8');
  const after = withPicture(before, drawn());
  if (after === before) return;
  if (args.includes('--check')) {
    process.stderr.write(
      'The dependency picture in ARCHITECTURE.md is stale: run node build/picture.mjs and commit.\n',
    );
    process.exitCode = 1;
    return;
  }
  writeFileSync(file, after);
  process.stderr.write('ARCHITECTURE.md: the dependency picture is drawn anew\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
