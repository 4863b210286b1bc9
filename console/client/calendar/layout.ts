// Where things stand: what the page says in minutes becomes places.

const PLACES = ["start", "minutes", "lane", "lanes", "first", "last", "columns"] as const;

/** Turns the lists of the page into a grid. */
export function layOut(): void {
  const grid = document.querySelector<HTMLElement>(".calendar__grid");
  if (grid === null) return;
  for (const element of [grid, ...grid.querySelectorAll<HTMLElement>("[data-start]")]) place(element);
  grid.classList.add("is-laid-out");
}

/** Moves one thing to where its data say. */
export function place(element: HTMLElement): void {
  for (const name of PLACES) {
    const value = element.dataset[name];
    if (value !== undefined) element.style.setProperty(`--${name}`, value);
  }
}

/** Brings this minute into view, if the calendar shows it. */
export function scrollToNow(): void {
  const line = document.querySelector(".calendar__now");
  if (line === null) return;
  const { top } = line.getBoundingClientRect();
  if (top > innerHeight) scrollBy({ top: top - innerHeight / 2 });
}

/** A minute of a day as a clock shows it. */
export function clock(minute: number): string {
  const shown = [Math.floor(minute / 60), minute % 60];
  return shown.map((part) => String(part).padStart(2, "0")).join(":");
}
