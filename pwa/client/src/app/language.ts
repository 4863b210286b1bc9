// The language of the app: the one chosen before, else the phone's, else English.

import { computed, signal } from "@preact/signals";

import { isLanguage, type Language, TEXTS } from "../shared/texts.ts";
import type { Slot } from "./storage.ts";

const RIGHT_TO_LEFT: readonly Language[] = ["he", "ar"];

export const language = signal<Language>("en");
export const texts = computed(() => TEXTS[language.value]);

export function preferred(chosen: string | null, wanted: readonly string[]): Language {
  const known = [chosen ?? "", ...wanted].map((tag) => tag.split("-")[0] ?? "");
  return known.find(isLanguage) ?? "en";
}

export function directionOf(of: Language): "rtl" | "ltr" {
  return RIGHT_TO_LEFT.includes(of) ? "rtl" : "ltr";
}

/** Takes the language that the address asks for, or that is remembered, and shows it to the page. */
export function startLanguage(slot: Slot<string>): void {
  const asked = new URLSearchParams(location.search).get("lang");
  language.value = preferred(asked ?? slot.read(), navigator.languages);
  language.subscribe((of) => {
    document.documentElement.lang = of;
    document.documentElement.dir = directionOf(of);
  });
}
