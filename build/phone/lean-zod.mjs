// Every schema of zod can describe itself as JSON Schema, and say in English what does not fit. No page
// asks for the first, which would be a tenth of what a phone has to load before its first screen, and
// the second is for who writes a host: the path and the code of an issue tell as much.

const PARTS = /node_modules\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/;
const WORDS = /node_modules\/zod\/v4\/locales\/en\.js$/;
const EXPORTED = /^export (?:const|function) (\w+)/gm;

const BARE_WORDS = 'export default () => ({ localeError: ({ code }) => `Invalid: ${code}` });';

/** @returns {import('vite').Plugin} */
export function leanZod() {
  return {
    name: 'lean-zod',
    enforce: 'pre',
    transform(code, id) {
      const path = id.replaceAll('\\', '/');
      if (WORDS.test(path)) return { code: BARE_WORDS, map: null };
      if (!PARTS.test(path)) return null;
      const names = [...code.matchAll(EXPORTED)].map((match) => match[1]);
      const refuse = `const refuse = () => () => { throw new Error('No JSON Schema here') };`;
      // With the alias under which one of them is known.
      const lines = names.map((name) => `export const ${name} = refuse;`);
      if (names.includes('processSchema')) lines.push('export { processSchema as process };');
      return { code: [refuse, ...lines].join('\n'), map: null };
    },
  };
}
