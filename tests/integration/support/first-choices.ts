/** The first choice of each field of a form, or some text. */
export function firstChoices(input: unknown): Record<string, unknown> {
  const { requestedSchema } = input as {
    requestedSchema: {
      properties: Record<
        string,
        {
          type?: string;
          enum?: string[];
          oneOf?: { const: string }[];
          items?: { enum?: string[]; anyOf?: { const: string }[] };
        }
      >;
    };
  };
  return Object.fromEntries(
    Object.entries(requestedSchema.properties).map(
      ([key, { type, enum: choices, oneOf, items }]) => {
        if (type === 'array') return [key, [items?.enum?.[0] ?? items?.anyOf?.[0]?.const ?? '']];
        if (type === 'boolean') return [key, true];
        return [key, choices?.[0] ?? oneOf?.[0]?.const ?? 'as you like'];
      },
    ),
  );
}
