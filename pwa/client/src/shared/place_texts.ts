// What is said of where and when; loaded with it. As in texts.ts, to nobody as a man or a woman.

import type { Language } from "./texts.ts";

const en = {
  hours: "Opening hours",
  today: "Today",
  allDay: "All day",
  always: "Open all day, every day",
};
export type PlaceSaid = typeof en;

const he: PlaceSaid = {
  hours: "שעות פתיחה",
  today: "היום",
  allDay: "כל היום",
  always: "פתוח כל היום, בכל יום",
};

const ar: PlaceSaid = {
  hours: "ساعات العمل",
  today: "اليوم",
  allDay: "طوال اليوم",
  always: "مفتوح طوال اليوم، كل يوم",
};

export const PLACE_TEXTS: Record<Language, PlaceSaid> = { en, he, ar };
