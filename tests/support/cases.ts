/**
 * How many cases a test tries: `few` in `npm run check`, which has to be quick, and `all` in the project
 * "thorough" of `npm test`, where the same files run once more (their names stand in vitest.config.ts).
 */
export const cases = (few: number, all: number): number =>
  process.env.PORCHLIGHT_CASES === 'all' ? all : few;
