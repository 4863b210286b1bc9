import assert from "node:assert/strict";
import { test } from "node:test";

import { clockTime, counted, filled, number } from "../src/shared/format.ts";
import { BOOKING_TEXTS } from "../src/shared/booking_texts.ts";
import { PLACE_TEXTS } from "../src/shared/place_texts.ts";
import { SETTINGS_TEXTS } from "../src/shared/settings_texts.ts";
import { type Forms, isLanguage, type Language, NAMES, TEXTS } from "../src/shared/texts.ts";

const LANGUAGES = Object.keys(TEXTS) as Language[];

const PARTS = [TEXTS, BOOKING_TEXTS, PLACE_TEXTS, SETTINGS_TEXTS];

/** All texts, by the number of their part and their name in it. */
function textsOf(language: Language): Record<string, string | Forms> {
  return Object.fromEntries(
    PARTS.flatMap((part, number) =>
      Object.entries(part[language]).map(([name, text]) => [`${number}.${name}`, text]),
    ),
  );
}

function placeholders(text: string | Forms): string[] {
  const sample = typeof text === "string" ? text : text.other;
  return (sample.match(/\{\w+\}/g) ?? []).sort();
}

for (const language of LANGUAGES) {
  test(`${language} has every text, with the same things to fill in`, () => {
    for (const [name, text] of Object.entries(textsOf("en"))) {
      const said = textsOf(language)[name];
      assert.ok(said, name);
      assert.deepEqual(placeholders(said), placeholders(text), name);
    }
  });

  test(`${language} has each form that its counts take`, () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
    for (const [name, text] of Object.entries(textsOf(language))) {
      if (typeof text !== "string") assert.deepEqual(Object.keys(text).sort(), forms, name);
    }
  });

  test(`${language} says no more than it means: no exclamation mark`, () => {
    assert.doesNotMatch(JSON.stringify(textsOf(language)), /!/);
  });
}

test("counts take the form of their language", () => {
  const before = (language: Language, count: number): string =>
    counted(language, TEXTS[language].before, count);
  assert.equal(before("en", 1), "1 person before you");
  assert.equal(before("en", 21), "21 people before you");
  assert.equal(before("he", 2), "שני אנשים לפניך");
  assert.equal(before("ar", 2), "شخصان قبلك");
  assert.equal(before("ar", 5), "5 أشخاص قبلك");
  assert.equal(before("ar", 11), "11 شخصًا قبلك");
  assert.equal(before("ar", 100), "100 شخص قبلك");
});

test("digits are 0 to 9 in every language", () => {
  for (const language of LANGUAGES) {
    assert.match(number(language, 1234), /^1.?234$/);
    assert.match(clockTime(language, Date.UTC(2026, 10, 24, 10, 3), 0), /\d\d:03$/);
  }
  assert.match(number("ar-EG", 5), /^5$/);
});

test("a time of another day says the day", () => {
  const at = new Date(2026, 10, 24, 14, 3).getTime();
  assert.equal(clockTime("en", at, at), "14:03");
  assert.equal(clockTime("en", at, at + 86_400_000), "Tue 24 Nov, 14:03");
});

test("a text is filled in", () => {
  assert.equal(filled("{code}, it is your turn", { code: "A012" }), "A012, it is your turn");
});

test("every language names itself, and nothing else is one", () => {
  assert.deepEqual(Object.keys(NAMES), LANGUAGES);
  assert.ok(!isLanguage("toString"));
});
