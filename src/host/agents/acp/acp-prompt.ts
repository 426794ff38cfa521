import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { PromptPart } from '../../../protocol/transcript/content.ts';

/** A prompt as ACP content blocks (protocol/v1/content). */
export function acpPrompt(prompt: readonly PromptPart[]): ContentBlock[] {
  return prompt.map((part): ContentBlock => {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'image':
        return { type: 'image', mimeType: part.mimeType, data: part.data };
      case 'link':
        return { type: 'resource_link', uri: part.uri, name: part.name };
    }
  });
}
