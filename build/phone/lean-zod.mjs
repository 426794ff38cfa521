// Every schema of zod can describe itself as JSON Schema. No page asks for it, and it would be a
// tenth of what a phone has to load before its first screen.

const PARTS = /node_modules\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/;
const EXPORTED = /^export (?:const|function) (\w+)/gm;

/** @returns {import('vite').Plugin} */
export function leanZod() {
  return {
    name: 'lean-zod',
    enforce: 'pre',
    transform(code, id) {
      if (!PARTS.test(id.replaceAll('\\', '/'))) return null;
      const names = [...code.matchAll(EXPORTED)].map((match) => match[1]);
      const refuse = `const refuse = () => () => { throw new Error('No JSON Schema here') };`;
      // With the alias under which one of them is known.
      const lines = names.map((name) => `export const ${name} = refuse;`);
      if (names.includes('processSchema')) lines.push('export { processSchema as process };');
      return { code: [refuse, ...lines].join('\n'), map: null };
    },
  };
}
