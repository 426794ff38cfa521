import { z } from 'zod';

/** JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one object a message, no batches. */
export const rpcIdSchema = z.union([z.string().max(64), z.number().int()]);
export type RpcId = z.infer<typeof rpcIdSchema>;

export const rpcErrorSchema = z.object({
  code: z.number().int(),
  message: z.string(),
  data: z.unknown().optional(),
});
export type RpcError = z.infer<typeof rpcErrorSchema>;

const requestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: rpcIdSchema,
  method: z.string(),
  params: z.unknown().optional(),
});
const notificationSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.undefined().optional(),
  method: z.string(),
  params: z.unknown().optional(),
});
const successSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: rpcIdSchema,
  result: z.unknown(),
  method: z.undefined().optional(),
  error: z.undefined().optional(),
});
const failureSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: rpcIdSchema.nullable(),
  error: rpcErrorSchema,
  method: z.undefined().optional(),
});

export const rpcMessageSchema = z.union([
  requestSchema,
  notificationSchema,
  failureSchema,
  successSchema,
]);
export type RpcMessage = z.infer<typeof rpcMessageSchema>;
