import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Route } from './route.ts';
import type { Router } from './router.ts';

export const RouterContext = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (router === null) throw new Error('useRouter is used outside of RouterContext');
  return router;
}

export function useRoute(): Route {
  return useStore(useRouter().store, ({ route }) => route);
}
