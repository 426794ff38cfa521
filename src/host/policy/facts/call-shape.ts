/** How an agent's calls say what they would do, where it is not the usual way: data of its profile. */
export interface CallShape {
  /** Where the name of an MCP tool stands, and how server and tool are joined in it. */
  readonly mcp?: {
    readonly from: 'tool' | 'title';
    readonly prefix: string;
    readonly joint: string;
    /** Names that are none, though they hold the joint. */
    readonly besides?: readonly string[];
  };
  /** It gives no raw input: the title of a call of kind `execute` is its command, whole. */
  readonly titleIsCommand?: {
    /** What stands before and after the folder it runs in, in the text of the call. */
    readonly folder: readonly [string, string];
  };
}
