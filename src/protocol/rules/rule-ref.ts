import { z } from 'zod';

/** Whose rule: the user's, the project's, the administrator's, or one that nobody can change. */
export const RULE_SOURCES = ['user', 'project', 'policy', 'builtIn'] as const;
export const ruleSourceSchema = z.enum(RULE_SOURCES);
export type RuleSource = z.infer<typeof ruleSourceSchema>;

/** A rule as a decision names it. The text stays true when the rule is changed or removed later. */
export const ruleRefSchema = z.object({
  source: ruleSourceSchema.catch('builtIn'),
  /** Of the rule's content: an edited rule is another one. */
  id: z.string().max(80),
  /** In one line: `allow command "npm test" in /home/ada/project`. */
  text: z.string(),
});
export type RuleRef = z.infer<typeof ruleRefSchema>;
