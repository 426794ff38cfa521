// A page checks what a host answers. What it asks is checked by the host alone, and there are methods
// that no device may call: their schemas would be some kB that nobody uses.
import { parseAst } from 'vite';

const TABLE = /\/src\/protocol\/(?:[\w-]+-)?methods\.ts$/;

/** @returns {import('vite').Plugin} */
export function leanMethods() {
  return {
    name: 'lean-methods',
    transform(code, id) {
      if (!TABLE.test(id.replaceAll('\\', '/'))) return null;
      const cuts = [];
      visit(parseAst(code), (node) => {
        if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
        const [first, second] = node.arguments;
        if (node.callee.name === 'method') cuts.push(second);
        if (node.callee.name === 'localMethod') cuts.push(first, second);
      });
      if (cuts.length === 0) throw new Error(`${id} has no methods to make lean.`);
      let lean = code;
      for (const { start, end } of cuts.toSorted((a, b) => b.start - a.start))
        lean = `${lean.slice(0, start)}undefined${lean.slice(end)}`;
      return { code: lean, map: null };
    },
  };
}

function visit(node, on) {
  if (Array.isArray(node)) return node.forEach((each) => visit(each, on));
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') on(node);
  for (const value of Object.values(node)) visit(value, on);
}
