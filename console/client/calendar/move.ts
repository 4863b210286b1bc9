// Moving a booking: by M and arrow keys, by the bar's buttons, by pointer. Whether it would fit is
// said on the way, from what the server knows; a drop where it would not changes nothing.

import { nearest, stepped, verdictOf, type Places, type Verdict } from "./fits.ts";
import { clock, place } from "./layout.ts";
import { isTyping } from "../keys.ts";

declare const htmx: {
  ajax: (
    verb: string,
    url: string,
    how: { target: string; swap: string; values: Record<string, string> },
  ) => Promise<void>;
};

type Texts = Record<Verdict | "checking" | "alternatives", string>;

interface Move {
  booking: HTMLElement;
  ghost: HTMLElement;
  column: HTMLElement;
  start: number;
  minutes: number;
  /** What fits, by length in minutes. */
  places: Map<number, Places>;
}

const LENGTH_STEP = 5;
const SHORTEST = 5;
const USUAL_STEP = 15;
// A press that wanders less is a press.
const DRAG_PX = 5;
// So near its end a booking is taken to be made longer or shorter.
const EDGE_PX = 8;

const element = document.getElementById("calendar-texts");
const texts = JSON.parse(element?.textContent ?? "{}") as Texts;
const bar = document.getElementById("mover");
let move: Move | null = null;

export function isMoving(): boolean {
  return move !== null;
}

/** Listens to keys, the bar and pointers. */
export function followMoves(): void {
  if (bar === null) return;
  window.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("click", onClick);
  document.addEventListener("pointerdown", onPointerDown);
  document.addEventListener("dragstart", (event) => {
    if ((event.target as Element).closest?.(".booking")) event.preventDefault();
  });
}

function columns(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".calendar__column")];
}

function begin(booking: HTMLElement): Move {
  const column = booking.closest<HTMLElement>(".calendar__column")!;
  const ghost = document.createElement("div");
  ghost.className = "booking booking--ghost";
  const { start, minutes } = booking.dataset;
  move = { booking, ghost, column, start: Number(start), minutes: Number(minutes), places: new Map() };
  booking.classList.add("is-moved");
  bar!.hidden = false;
  booking.focus({ preventScroll: true });
  show();
  return move;
}

function end(): void {
  if (move === null) return;
  move.ghost.remove();
  move.booking.classList.remove("is-moved");
  move = null;
  bar!.hidden = true;
}

/** The resource that a move is to: the column's if the booking needs one of that kind. */
function resourceOf({ booking, column }: Move): string {
  const own = booking.closest<HTMLElement>(".calendar__column")!;
  const isOfKind = column.dataset["kind"] === own.dataset["kind"];
  const named = column.dataset["resource"];
  return (isOfKind ? named : undefined) ?? booking.dataset["resource"] ?? "";
}

/** Asks what fits at this length, once. */
async function load(moved: Move): Promise<Places> {
  const { booking, minutes, places } = moved;
  let known = places.get(minutes);
  if (known === undefined) {
    const url = new URL(booking.dataset["places"]!, location.href);
    url.searchParams.set("minutes", String(minutes));
    const response = await fetch(url, { signal: AbortSignal.timeout(8_000) });
    if (!response.ok) throw new Error(`It was answered ${response.status}.`);
    known = (await response.json()) as Places;
    places.set(minutes, known);
  }
  return known;
}

/** Shows where it would stand, and says whether it could. */
function show(): void {
  if (move === null) return;
  const shown = move;
  const { ghost, column, start, minutes } = shown;
  Object.assign(ghost.dataset, { start, minutes, lane: 0, lanes: 1 });
  place(ghost);
  const day = column.querySelector(".calendar__day")!;
  if (ghost.parentElement !== day) day.append(ghost);
  ghost.textContent = `${clock(start)}–${clock(start + minutes)}`;
  const known = shown.places.get(minutes);
  if (known !== undefined) say(shown, known);
  else {
    tell(texts.checking);
    load(shown).then(() => move === shown && show(), end);
  }
}

function say(moved: Move, places: Places): void {
  const { ghost, column, start } = moved;
  const resource = resourceOf(moved);
  const verdict = verdictOf(places, resource, column.dataset["day"]!, start);
  ghost.classList.toggle("is-refused", verdict !== "free");
  const where = column.querySelector("h2")!.textContent.trim();
  tell(`${where}, ${ghost.textContent}: ${texts[verdict]}`);
  ghost.append(` ${texts[verdict]}`);
  ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function tell(sentence: string): void {
  document.getElementById("mover-says")!.textContent = sentence;
}

function shift(direction: 1 | -1): void {
  if (move === null) return;
  const step = move.places.get(move.minutes)?.step ?? USUAL_STEP;
  move.start = stepped(move.start, step, direction);
  show();
}

function lengthen(direction: 1 | -1): void {
  if (move === null) return;
  move.minutes = Math.max(move.minutes + direction * LENGTH_STEP, SHORTEST);
  show();
}

function turn(direction: 1 | -1): void {
  if (move === null) return;
  const all = columns();
  const next = all[all.indexOf(move.column) + direction];
  if (next === undefined) return;
  move.column = next;
  show();
}

/** Puts it there if it fits; else says what would. What was dragged goes back then. */
async function drop(goesBack = false): Promise<void> {
  if (move === null) return;
  const dropped = move;
  const { booking, column, start, minutes } = dropped;
  const resource = resourceOf(dropped);
  const day = column.dataset["day"]!;
  let places: Places;
  try {
    places = await load(dropped);
  } catch {
    if (move === dropped) end();
    return;
  }
  // It was left, or dropped by another press, meanwhile.
  if (move !== dropped) return;
  const verdict = verdictOf(places, resource, day, start);
  if (verdict !== "free") {
    const free = nearest(places, resource, day, start).map(clock).join(", ");
    const alternatives = free && texts.alternatives.replace("{times}", free);
    const why = `${clock(start)}: ${texts[verdict]}. ${alternatives}`;
    if (goesBack) {
      end();
      refuse(why);
    } else tell(why);
    return;
  }
  const values = {
    at: `${day}T${clock(start)}`,
    minutes: String(minutes),
    resource,
    key: crypto.randomUUID?.() ?? "",
    csrfmiddlewaretoken: document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value,
  };
  end();
  await htmx.ajax("POST", booking.dataset["move"]!, { target: "#live", swap: "outerHTML", values });
  // In another column it has another id.
  const same = document.querySelectorAll<HTMLElement>(`.booking[data-booking="${booking.dataset["booking"]}"]`);
  [...same].find((one) => one.closest<HTMLElement>("[data-resource]")?.dataset["resource"] === resource)?.focus();
}

/** Says why nothing happened where what happened is said. */
function refuse(sentence: string): void {
  const notice = document.createElement("div");
  notice.className = "notice notice--error";
  notice.textContent = sentence;
  document.getElementById("notice")?.replaceChildren(notice);
}

/** Lets it stand where it was. */
function leave(): void {
  const booking = move?.booking;
  end();
  booking?.focus();
}

const ACTS: Record<string, () => void> = {
  earlier: () => shift(-1),
  later: () => shift(1),
  before: () => turn(-1),
  after: () => turn(1),
  shorter: () => lengthen(-1),
  longer: () => lengthen(1),
  drop: () => void drop(),
  leave,
};

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const act = move === null ? startByKey(event) : actByKey(event);
  if (act === null) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function startByKey(event: KeyboardEvent): (() => void) | null {
  if (event.code !== "KeyM" || document.querySelector("dialog[open]")) return null;
  const booking = (event.target as Element).closest<HTMLElement>(".booking[data-move]");
  return booking && (() => void begin(booking));
}

function actByKey(event: KeyboardEvent): (() => void) | null {
  const isOnBar = event.target instanceof HTMLButtonElement;
  const isMirrored = document.documentElement.dir === "rtl";
  const names: Record<string, string> = {
    ArrowUp: event.shiftKey ? "shorter" : "earlier",
    ArrowDown: event.shiftKey ? "longer" : "later",
    ArrowLeft: isMirrored ? "after" : "before",
    ArrowRight: isMirrored ? "before" : "after",
    Escape: "leave",
    // On a button of the bar it presses that.
    ...(isOnBar ? {} : { Enter: "drop" }),
  };
  return ACTS[names[event.key] ?? ""] ?? null;
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const act = target.closest<HTMLElement>("[data-mover]")?.dataset["mover"];
  if (act !== undefined) ACTS[act]?.();
  const moves = target.closest<HTMLElement>("[data-moves]")?.dataset["moves"];
  if (moves === undefined) return;
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
  const booking = document.querySelector<HTMLElement>(`.booking[data-booking="${moves}"]`);
  if (booking !== null) begin(booking);
}

function onPointerDown(event: PointerEvent): void {
  const target = (event.target as Element).closest<HTMLElement>(".booking--ghost, .booking[data-move]");
  if (target === null || event.button !== 0) return;
  const isGhost = target.classList.contains("booking--ghost");
  // A finger scrolls; it drags what is being moved already.
  if (event.pointerType === "touch" && !isGhost) return;
  if (move !== null && !isGhost) return;
  drag(event, target, isGhost);
}

function drag(down: PointerEvent, target: HTMLElement, isGhost: boolean): void {
  const box = target.getBoundingClientRect();
  const grabbed = down.clientY - box.top;
  const isEdge = box.bottom - down.clientY <= EDGE_PX;
  const pointer = new AbortController();
  const { signal } = pointer;
  let isDragged = false;
  const onMove = (event: PointerEvent): void => {
    const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (!isDragged && far < DRAG_PX) return;
    isDragged = true;
    event.preventDefault();
    follow(move ?? begin(target), event, grabbed, isEdge);
  };
  const onUp = (): void => {
    pointer.abort();
    if (!isDragged || isGhost) return;
    // The click that ends a drag opens nothing.
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
    void drop(true);
  };
  document.addEventListener("pointermove", onMove, { signal });
  document.addEventListener("pointerup", onUp, { signal });
  document.addEventListener("pointercancel", () => pointer.abort(), { signal });
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Takes it to where the pointer is. */
function follow(moved: Move, event: PointerEvent, grabbed: number, isEdge: boolean): void {
  const grid = document.querySelector<HTMLElement>(".calendar__grid")!;
  const [first, last] = [Number(grid.dataset["first"]), Number(grid.dataset["last"])];
  const over = columns().find((column) => {
    const { left, right } = column.getBoundingClientRect();
    return event.clientX >= left && event.clientX < right;
  });
  const day = moved.column.querySelector(".calendar__day")!.getBoundingClientRect();
  const minuteAt = (y: number): number => first + ((y - day.top) / day.height) * (last - first);
  const before = [moved.column, moved.start, moved.minutes].join();
  if (isEdge) {
    const minutes = Math.round((minuteAt(event.clientY) - moved.start) / LENGTH_STEP) * LENGTH_STEP;
    moved.minutes = Math.max(minutes, SHORTEST);
  } else {
    const step = moved.places.get(moved.minutes)?.step ?? USUAL_STEP;
    moved.start = Math.max(Math.round(minuteAt(event.clientY - grabbed) / step) * step, 0);
    moved.column = over ?? moved.column;
  }
  if ([moved.column, moved.start, moved.minutes].join() !== before) show();
}
