// The app inside of a page of the provider's own site.
//
// Browsers may keep what it remembers there apart, or not at all, so it offers to open on its own.

/** Whether it is; it has an address of its own there (pwa/views/app.py). */
export const isEmbedded = location.pathname.endsWith("/embed");

/** Lets the page around it give it as much room as it takes. */
export function startEmbedded(content: HTMLElement): void {
  document.documentElement.dataset["embedded"] = "";
  new ResizeObserver(() => {
    const { height } = content.getBoundingClientRect();
    // To whichever page it is: a height is no secret.
    parent.postMessage({ waitlessqHeight: Math.ceil(height) }, "*");
  }).observe(content);
}
