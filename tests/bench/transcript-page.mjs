// What the transcript's bench runs inside the page; each function is sent there as its text.

/** Clicks a session's row; resolves with the ms until the frame that shows its transcript is painted. */
export function openByClick(row) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    row.click();
    const look = () => {
      if (document.querySelector('#transcript .row') === null) return requestAnimationFrame(look);
      // A message posted in a frame's script comes when that frame has been painted.
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => resolve(performance.now() - startedAt));
      port1.start();
      port2.postMessage(null);
    };
    requestAnimationFrame(look);
  });
}

export function leapToStart(element) {
  element.scrollTop = 0;
}
