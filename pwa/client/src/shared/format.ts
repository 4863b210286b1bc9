// Numbers, times and counted words, with the digits 0 to 9 in every language.

import type { Forms } from "./texts.ts";

export type Values = Record<string, string | number>;

/** The form of a counted text for `count`, its number filled in. */
export function counted(language: string, forms: Forms, count: number): string {
  return filled(formOf(language, forms, count), { count: number(language, count) });
}

/** The form of a counted text for `count`, with nothing filled in. */
export function formOf(language: string, forms: Forms, count: number): string {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
}

/** A text with its {names} replaced. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

export function number(
  language: string,
  value: number,
  options?: Intl.NumberFormatOptions,
): string {
  return new Intl.NumberFormat(language, { numberingSystem: "latn", ...options }).format(value);
}

/** What stands before and after so many minutes or hours: "" and " min". */
export function unitAround(language: string, unit: "minute" | "hour", count: number): string[] {
  // Arabic shortens it to a letter.
  const unitDisplay = language === "ar" ? "long" : "short";
  return number(language, count, { style: "unit", unit, unitDisplay }).split(/\d[\d.,]*/);
}

/** "Tue 24 Nov". Milliseconds since 1970. */
export function dayOf(language: string, at: number): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    numberingSystem: "latn",
    weekday: "short",
    day: "numeric",
    month: "short",
  }).format(at);
}

/** "14:03", and the day before it when that is not today. Milliseconds since 1970. */
export function clockTime(language: string, at: number, today: number): string {
  const isToday = new Date(at).toDateString() === new Date(today).toDateString();
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    numberingSystem: "latn",
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    ...(isToday ? {} : { weekday: "short", day: "numeric", month: "short" }),
  }).format(at);
}

/** "1:05", of so many milliseconds. */
export function minutesAndSeconds(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "10:40 and 11:00". */
export function listed(language: string, words: readonly string[]): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(words);
}

/** "Tue 24 Nov, 10:30" on the wall of a time zone. Milliseconds since 1970. */
export function wallTime(language: string, at: number, timeZone: string): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    numberingSystem: "latn",
    hourCycle: "h23",
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  }).format(at);
}

/** What a time zone is called, if its clocks show another time than this phone's at `at`; else null. */
export function foreignZone(language: string, at: number, timeZone: string): string | null {
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (wallTime(language, at, timeZone) === wallTime(language, at, here)) return null;
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: "long" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? timeZone;
}
