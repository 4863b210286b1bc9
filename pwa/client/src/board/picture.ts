// What the screen shows at a moment, as plain data: drawn only when it differs.

import { type Calls, visitOf } from "./calls.ts";
import type { BoardDocument, Call, Texts } from "./types.ts";

const SHIFT_EVERY = 5 * 60_000;
const SHIFT_PIXELS = 8;
const SHIFTS = [
  [0, 0],
  [SHIFT_PIXELS, 0],
  [SHIFT_PIXELS, SHIFT_PIXELS],
  [0, SHIFT_PIXELS],
] as const;
const CORNERS = ["head-end", "foot-end", "foot-start", "head-start"] as const;
const TURN_EVERY = 15_000;
const MOST_NEXT = 60;
const HEIGHT = 100;
const WIDTH = 177.8;
const CALLS_HEIGHT = 66.7;
// Below the last line, with the pixels that the picture is shifted by.
const PADDING = 2;
// Of the size of called numbers: other text, and the columns of the numbers and of the clock.
const OTHER = 0.5;
const NUMBER_COLUMN = 3;
const CLOCK_COLUMN = 1.5;
// Of the size of a text: its line, what of its last line may be cut, a digit, a letter.
const LINE = 1.1;
const BELOW_LETTERS = 0.25;
const DIGIT = 0.62;
const LETTER = 0.55;
const LETTER_OF_LABEL = 0.46;

export interface Row {
  code: string;
  counter: string;
  /** Of a number of an earlier day, since today somebody else may have it; else empty. */
  date: string;
  isLit: boolean;
  isServing: boolean;
  /** Its counter's name takes smaller letters, on two lines. */
  isLong: boolean;
}

export interface Label {
  text: string;
  language: string;
}

export interface Picture {
  /** What heads the counters and the next numbers. */
  counterLabel: Label[];
  nextLabel: Label[];
  rows: Row[];
  /** Who is called and finds no row. */
  further: Row[];
  next: string[];
  /** How many lines those two have together. */
  lines: number;
  notice: string;
  /** What stands instead of calls, in each language. */
  message: string[];
  isLost: boolean;
  isClosed: boolean;
  clock: string;
  corner: (typeof CORNERS)[number];
  shift: readonly [number, number];
}

export interface Moment {
  /** Now, and when something was last heard, in milliseconds since 1970, by the server's clock. */
  now: number;
  heardAt: number;
  isCutOff: boolean;
  /** Until when a visit is lit, by its key. */
  lit: ReadonlyMap<string, number>;
}

export function pictureOf(
  board: BoardDocument,
  calls: Calls,
  texts: Record<string, Texts>,
  moment: Moment,
): Picture {
  const { now } = moment;
  const clock = timeIn(board.time_zone, now);
  const common = {
    clock,
    corner: CORNERS[Number(clock.slice(0, 2)) % CORNERS.length]!,
    shift: SHIFTS[Math.floor(now / SHIFT_EVERY) % SHIFTS.length]!,
    isLost: moment.isCutOff,
    isClosed: calls.areAllClosed && calls.shown.length === 0,
  };
  const say = (key: "lost" | "closed" | "idle"): string[] =>
    board.languages.map((language) => texts[language]![key]);
  const noLabels = { counterLabel: [], nextLabel: [] };
  const nothing = { rows: [], further: [], next: [], notice: "", lines: 0, ...noLabels };
  if (moment.isCutOff) {
    const since = timeIn(board.time_zone, moment.heardAt);
    const message = say("lost").map((text) => text.replace("{time}", `\u2066${since}\u2069`));
    return { ...common, ...nothing, message };
  }
  if (common.isClosed) {
    const message = closedUntil(board, texts, calls.opensAt, now);
    return { ...common, ...nothing, message };
  }
  const all = arranged(calls.shown, moment).map((call) => rowOf(call, board, moment));
  const further = all.slice(board.rows).filter((row) => !row.isServing);
  // With one line for both, next numbers and notice take turns; who is called comes before either.
  const turn = Math.floor(now / TURN_EVERY);
  const lines = linesBelow(board);
  const isNoticesTurn = turn % 2 === 1 && further.length === 0;
  const showsNotice = board.notice !== "" && (lines > 1 || isNoticesTurn);
  const next = lines > 1 || !showsNotice ? calls.upcoming(MOST_NEXT) : [];
  const notices = pages(board.notice, lettersOfNotice(board));
  const label = (key: "counter" | "next", room: number): Label[] =>
    labels(
      board.languages.map((language) => ({ text: texts[language]![key], language })),
      turn,
      room / (board.font * OTHER * LETTER_OF_LABEL),
    );
  const columns = NUMBER_COLUMN + (common.corner === "head-end" ? CLOCK_COLUMN : 0);
  return {
    ...common,
    counterLabel: label("counter", WIDTH * 0.96 - columns * board.font),
    rows: all.slice(0, board.rows),
    further,
    nextLabel: next.length > 0 ? label("next", WIDTH / 3) : [],
    next,
    lines: showsNotice ? lines - 1 : lines,
    notice: showsNotice ? notices[Math.floor(turn / 2) % notices.length]! : "",
    message: all.length === 0 ? say("idle") : [],
  };
}

/** That all is closed, in each language, and when it opens: the day too, if it is not today. */
function closedUntil(
  { languages, time_zone: timeZone }: BoardDocument,
  texts: Record<string, Texts>,
  opensAt: string | null,
  now: number,
): string[] {
  if (opensAt === null) return languages.map((language) => texts[language]!.closed);
  const at = Date.parse(opensAt);
  const dayIn = (language: string, time: number): string =>
    new Date(time).toLocaleDateString(language === "en" ? "en-GB" : language, {
      timeZone,
      numberingSystem: "latn",
      weekday: "short",
      day: "numeric",
      month: "short",
    });
  return languages.map((language) => {
    const day = dayIn(language, at);
    const time = `\u2066${timeIn(timeZone, at)}\u2069`;
    const when = day === dayIn(language, now) ? time : `${day} ${time}`;
    return texts[language]!.opens.replace("{time}", when);
  });
}

/** All languages beside each other, or, where there is no room for them, one after the other. */
function labels(all: Label[], turn: number, letters: number): Label[] {
  const length = all.map(({ text }) => text).join(" · ").length;
  return length <= letters ? all : [all[turn % all.length]!];
}

/** A text in parts of so many letters at the most, cut between words. */
export function pages(text: string, letters: number): string[] {
  const cut: string[] = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${cut.at(-1)} ${word}`.trim();
    if (longer.length <= letters || cut.at(-1) === "") cut[cut.length - 1] = longer;
    else cut.push(word);
  }
  return cut;
}

function lettersOfNotice({ font }: BoardDocument): number {
  return Math.floor((WIDTH * 0.96 - CLOCK_COLUMN * font) / (font * OTHER * LETTER));
}

/** What was announced last comes first, for as long as it is lit. */
function arranged(calls: Call[], { lit, now }: Moment): Call[] {
  const until = (call: Call): number => {
    const end = lit.get(visitOf(call)) ?? 0;
    return end > now ? end : 0;
  };
  return calls.sort((one, other) => until(other) - until(one));
}

function rowOf(call: Call, { font, languages }: BoardDocument, { lit, now }: Moment): Row {
  const date = call.date === null ? "" : dateIn(languages[0]!, call.date);
  const room = WIDTH * 0.96 - (NUMBER_COLUMN + date.length * LETTER * OTHER) * font;
  return {
    code: call.code,
    counter: call.counter,
    date,
    isLit: (lit.get(visitOf(call)) ?? 0) > now,
    isServing: call.state === "serving",
    isLong: call.counter.length * DIGIT * font > room,
  };
}

/** "23 Nov", of an ISO date. */
function dateIn(language: string, date: string): string {
  return new Date(date).toLocaleDateString(language === "en" ? "en-GB" : language, {
    timeZone: "UTC",
    numberingSystem: "latn",
    day: "numeric",
    month: "short",
  });
}

/** How many lines of other text fit below the calls and their heading. */
function linesBelow({ font }: BoardDocument): number {
  const size = font * OTHER;
  const room = HEIGHT - CALLS_HEIGHT - size * LINE - PADDING + size * BELOW_LETTERS;
  return Math.max(1, Math.floor(room / (size * LINE)));
}

function timeIn(timeZone: string, at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
}
