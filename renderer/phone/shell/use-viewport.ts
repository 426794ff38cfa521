import { useEffect } from 'react';

/** Keyboards of other sizes than this one do not exist; below it is a browser's own bar. */
const PINCHED = 1.01;

/**
 * Keeps the app as high as what is really seen. Where the keyboard does not resize the page (iOS),
 * the visual viewport is the only word on it; a page that was pinched larger is left alone.
 */
export function useViewport(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (seen === null) return;
    const { style } = document.documentElement;
    const fit = (): void => {
      if (seen.scale > PINCHED) return;
      style.setProperty('--seen-height', `${seen.height}px`);
      style.setProperty('--seen-top', `${seen.offsetTop}px`);
    };
    fit();
    seen.addEventListener('resize', fit);
    seen.addEventListener('scroll', fit);
    return () => {
      seen.removeEventListener('resize', fit);
      seen.removeEventListener('scroll', fit);
      style.removeProperty('--seen-height');
      style.removeProperty('--seen-top');
    };
  }, []);
}
