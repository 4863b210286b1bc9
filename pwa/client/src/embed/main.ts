// Puts a provider's app into a page of the provider's own site, where its script element stands:
// <script async src="https://…/static/built/embed.js" data-provider="clinic" data-open="book">

const SMALLEST = 420;
// Its own storage, scripts and downloads, and links that open beside the page; nothing of the page.
const ALLOWED =
  "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox";
const TITLES: Record<string, { join: string; book: string }> = {
  en: { join: "Join the queue", book: "Book a time" },
  he: { join: "הצטרפות לתור", book: "הזמנת זמן" },
  ar: { join: "الانضمام إلى الطابور", book: "حجز موعد" },
};

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.dataset["provider"]) {
  const open = script.dataset["open"] === "book" ? "book" : "join";
  const said = TITLES[document.documentElement.lang.split("-")[0] ?? ""] ?? TITLES["en"]!;
  const address = new URL(`/p/${encodeURIComponent(script.dataset["provider"])}/embed`, script.src);
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", ALLOWED);
  frame.allow = "screen-wake-lock";
  frame.title = script.dataset["title"] ?? said[open];
  frame.src = `${address}#/${open === "book" ? "book" : ""}`;
  Object.assign(frame.style, { width: "100%", height: `${SMALLEST}px`, border: "0" });
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== address.origin) return;
    const height: unknown = data?.waitlessqHeight;
    if (typeof height === "number") frame.style.height = `${Math.max(height, SMALLEST)}px`;
  });
  script.after(frame);
}
