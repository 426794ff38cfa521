/** The command, by whatever path, package version or suffix. */
const NAME = /^(?:.*[/\\])?porchlight(?:@[\w.^~<>=*-]+)?(?:\.(?:exe|cmd|ps1|bat|c?js|mjs))?$/iu;
const MAIN = /(?:^|[/\\])dist[/\\]cli[/\\]main\.js$/iu;
const VARIABLE = /\bPORCHLIGHT_[A-Z]/u;

/** What a script or a piece of code says when it means the command, its home or its sockets. */
const IN_CODE =
  /\bporchlight['"]?(?:\s*,\s*\[?\s*|\s+)['"]?(?:-\w|--\w|approve|deny|answer|rules|mode|night|devices|pair|prompt|new|start|stop|host|ui|audit|config|restore|backup|approvals|ls|watch|show|open)\b|\bPORCHLIGHT_[A-Z]|[/\\~]\.porchlight\b(?![/\\]worktrees[/\\])|\bporchlight-[0-9a-f]{16}\b/iu;
const AT_BEGINNING = /(?:^|[;&|(]\s*)(?:npx\s+)?porchlight(?:\s|$)/imu;
/** In a line that cannot be read nothing tells a name from a mention. */
const ANYWHERE = /porchlight/iu;

/** Whether a word names the `porchlight` command. */
export function namesCommand(word: string): boolean {
  return NAME.test(word) || MAIN.test(word);
}

/** Whether a text reads or sets one of its variables. */
export function namesVariable(text: string): boolean {
  return VARIABLE.test(text);
}

/** Whether code would call the command, or look into its home. */
export function meantInCode(code: string): boolean {
  return IN_CODE.test(code);
}

/** The same of a script, whose lines may begin with it. */
export function meantInScript(script: string): boolean {
  return IN_CODE.test(script) || AT_BEGINNING.test(script);
}

export function mentioned(text: string): boolean {
  return ANYWHERE.test(text);
}
