// What the server tells a board.

import type { CalledTicket, Snapshot } from "../shared/types.ts";

export interface BoardDocument {
  /** Another one than the page's: there is a newer page. */
  release: string;
  provider: string;
  /** Shown and spoken, in this order. */
  languages: string[];
  time_zone: string;
  notice: string;
  /** Of called numbers, in hundredths of the screen's height. */
  font: number;
  /** How many calls fit. */
  rows: number;
  queues: Snapshot[];
}

export interface Texts {
  dir: "ltr" | "rtl";
  counter: string;
  next: string;
  closed: string;
  /** With `{time}`. */
  opens: string;
  idle: string;
  /** With `{code}` and `{counter}`. */
  spoken: string;
  /** With `{code}`. */
  mistaken: string;
  /** With `{time}`. */
  lost: string;
}

export interface Call extends CalledTicket {
  queue: number;
  /** Whether it is to be said that the call was one. */
  isMistake?: boolean;
}
