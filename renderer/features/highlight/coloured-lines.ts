import bash from 'shiki/langs/bash.mjs';
import c from 'shiki/langs/c.mjs';
import css from 'shiki/langs/css.mjs';
import diff from 'shiki/langs/diff.mjs';
import docker from 'shiki/langs/docker.mjs';
import go from 'shiki/langs/go.mjs';
import html from 'shiki/langs/html.mjs';
import java from 'shiki/langs/java.mjs';
import json from 'shiki/langs/json.mjs';
import markdown from 'shiki/langs/markdown.mjs';
import python from 'shiki/langs/python.mjs';
import rust from 'shiki/langs/rust.mjs';
import sql from 'shiki/langs/sql.mjs';
import toml from 'shiki/langs/toml.mjs';
import tsx from 'shiki/langs/tsx.mjs';
import typescript from 'shiki/langs/typescript.mjs';
import yaml from 'shiki/langs/yaml.mjs';
import { createCssVariablesTheme, createHighlighterCoreSync } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import type { HighlightedLines, Token } from './token-kinds.ts';

// The engine is JavaScript because the page's policy allows no WebAssembly. The TypeScript grammar also reads
// JavaScript, well enough and half a megabyte cheaper.
const ALIASES: Record<string, string> = {
  js: 'typescript',
  javascript: 'typescript',
  mjs: 'typescript',
  cjs: 'typescript',
  jsx: 'tsx',
  jsonc: 'json',
  cpp: 'c',
  'c++': 'c',
  h: 'c',
  console: 'bash',
  text: '',
  plain: '',
};

const highlighter = createHighlighterCoreSync({
  themes: [createCssVariablesTheme({ name: 'porch', variablePrefix: '--', fontStyle: false })],
  langs: [
    bash,
    c,
    css,
    diff,
    docker,
    go,
    html,
    java,
    json,
    markdown,
    python,
    rust,
    sql,
    toml,
    tsx,
    typescript,
    yaml,
  ],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
});

const KINDS: Record<string, Token[1]> = {
  'token-keyword': 'keyword',
  'token-string': 'string',
  'token-string-expression': 'string',
  'token-constant': 'number',
  'token-function': 'function',
  'token-link': 'string',
  'token-comment': 'comment',
};

/** Null: a language that is not known here. */
export function colouredLines(code: string, language: string): HighlightedLines | null {
  const name = ALIASES[language] ?? language;
  if (!highlighter.getLoadedLanguages().includes(name)) return null;
  const { tokens } = highlighter.codeToTokens(code, {
    lang: name,
    theme: 'porch',
    // Cut off after half a second, as is the default, a comment of the first line goes on to the end
    // of the code: a busy machine takes as long to make the grammar ready.
    tokenizeTimeLimit: 0,
  });
  return tokens.map((line) =>
    line.map(({ content, color = '' }): Token => [
      content,
      KINDS[/--([\w-]+)/.exec(color)?.[1] ?? ''] ?? '',
    ]),
  );
}
