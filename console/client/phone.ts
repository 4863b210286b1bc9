// The phone on the App screen: in each language, and by day or night, whatever this browser has.

const STORED = new WeakMap<CSSMediaRule, string>();
let isDark = false;

function frameOf(part: Element): HTMLIFrameElement | null {
  return part.closest("[data-phone]")?.querySelector("iframe") ?? null;
}

// Its style sheets ask for what the system prefers; here their questions are answered instead.
function paint(frame: HTMLIFrameElement): void {
  const page = frame.contentDocument;
  // It is empty while it loads.
  if (!page?.documentElement) return;
  page.querySelector("meta[name=color-scheme]")?.setAttribute("content", isDark ? "dark" : "light");
  page.documentElement.style.colorScheme = isDark ? "dark" : "light";
  for (const sheet of page.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!("media" in rule)) continue;
      const question = rule as CSSMediaRule;
      const asked = STORED.get(question) ?? question.media.mediaText;
      if (!asked.includes("prefers-color-scheme")) continue;
      STORED.set(question, asked);
      question.media.mediaText = asked.includes("dark") === isDark ? "all" : "not all";
    }
  }
}

function press(button: HTMLElement, among: Iterable<HTMLElement>): void {
  for (const one of among) one.ariaPressed = String(one === button);
}

// The phone comes anew with each answer, so the document listens for it.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest<HTMLElement>("button");
  const frame = button && frameOf(button);
  if (!button || !frame) return;
  const { language } = button.dataset;
  if (language === undefined) {
    isDark = !isDark;
    button.ariaPressed = String(isDark);
    paint(frame);
  } else {
    press(button, button.parentElement!.querySelectorAll<HTMLElement>("[data-language]"));
    const address = new URL(frame.src);
    address.searchParams.set("lang", language);
    frame.src = address.href;
  }
});

document.addEventListener(
  "load",
  ({ target }) => {
    if (!(target instanceof HTMLIFrameElement)) return;
    paint(target);
    const dark = target.closest("[data-phone]")?.querySelector("[data-scheme]");
    if (dark) dark.ariaPressed = String(isDark);
  },
  { capture: true },
);
for (const frame of document.querySelectorAll<HTMLIFrameElement>("[data-phone] iframe")) paint(frame);
