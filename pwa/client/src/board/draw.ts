// Puts a picture on the screen.

import type { Label, Picture, Row } from "./picture.ts";
import type { BoardDocument, Texts } from "./types.ts";

const part = (id: string): HTMLElement => document.getElementById(id)!;

/** What changes with the set-up only. */
export function drawSetUp(board: BoardDocument, texts: Record<string, Texts>): void {
  const first = board.languages[0]!;
  document.documentElement.lang = first;
  document.documentElement.dir = texts[first]!.dir;
  part("board").style.setProperty("--font", String(board.font));
  part("board").style.setProperty("--rows", String(board.rows));
}

export function draw(picture: Picture, board: BoardDocument, texts: Record<string, Texts>): void {
  const root = part("board");
  root.classList.toggle("board--lost", picture.isLost);
  root.classList.toggle("board--closed", picture.isClosed);
  const [x, y] = picture.shift;
  root.style.transform = `translate(${x}px, ${y}px)`;
  drawLabel("counter", picture.counterLabel);
  part("calls").replaceChildren(...picture.rows.map(rowElement), ...messages(picture, board, texts));
  part("further").replaceChildren(...picture.further.map(furtherElement));
  drawLabel("next-label", picture.nextLabel);
  part("next").replaceChildren(...picture.next.map(number));
  part("numbers").style.setProperty("--lines", String(picture.lines));
  part("numbers").hidden = picture.next.length + picture.further.length === 0;
  part("notice").textContent = picture.notice;
  part("notice").hidden = picture.notice === "";
  drawClock(picture);
}

function drawLabel(id: string, label: Label[]): void {
  const words = label.map(({ text, language }) => word(text, language));
  part(id).replaceChildren(...words.flatMap((node, place) => (place > 0 ? [" · ", node] : [node])));
  part(id).hidden = label.length === 0;
}

function drawClock(picture: Picture): void {
  const clock = part("clock");
  const [line, side] = picture.corner.split("-");
  const place = part(line === "head" ? "head" : "foot");
  if (clock.parentElement !== place) place.append(clock);
  clock.dataset["side"] = side!;
  clock.textContent = picture.clock;
}

function messages(picture: Picture, board: BoardDocument, texts: Record<string, Texts>): HTMLElement[] {
  return picture.message.map((text, place) => {
    const language = board.languages[place]!;
    const item = element("li", "board__message", text);
    item.lang = language;
    item.dir = texts[language]!.dir;
    return item;
  });
}

function rowElement(row: Row): HTMLElement {
  const item = element("li", "call");
  item.classList.toggle("call--new", row.isLit);
  item.classList.toggle("call--serving", row.isServing);
  item.classList.toggle("call--long", row.isLong);
  const counter = element("span", "call__counter");
  counter.append(element("bdi", "", row.counter));
  item.append(number(row.code), ...dateElement(row), counter);
  return item;
}

function furtherElement(row: Row): HTMLElement {
  const item = element("span", "further");
  item.classList.toggle("call--new", row.isLit);
  item.append(number(row.code), ...dateElement(row), element("span", "further__arrow"), element("bdi", "", row.counter));
  return item;
}

function dateElement({ date }: Row): HTMLElement[] {
  return date === "" ? [] : [element("span", "call__date", date)];
}

/** From left to right in every language. */
function number(code: string): HTMLElement {
  const item = element("bdi", "number", code);
  item.dir = "ltr";
  return item;
}

function word(text: string, language: string): HTMLElement {
  const item = element("bdi", "", text);
  item.lang = language;
  return item;
}

function element(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
