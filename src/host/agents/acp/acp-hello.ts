/** `initialize`. Agents do their own file and terminal work: neither capability is declared. */
export function acpHello(version: string): object {
  return {
    protocolVersion: 1,
    clientInfo: { name: 'porchlight', title: 'Porchlight', version },
    clientCapabilities: {
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
      elicitation: { form: {} },
    },
  };
}
