import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { ageOf } from "../src/app/age.ts";
import { alertRepeatedly } from "../src/app/alerts.ts";
import { directionOf, preferred } from "../src/app/language.ts";
import { routeOf } from "../src/app/router.ts";

afterEach(() => mock.timers.reset());

test("the address names the screen", () => {
  assert.deepEqual(routeOf("#/join/12"), { screen: "join", queue: 12 });
  assert.deepEqual(routeOf("#/ticket"), { screen: "ticket" });
  assert.deepEqual(routeOf("#/book"), { screen: "book", service: null });
  assert.deepEqual(routeOf("#/book/5"), { screen: "book", service: 5 });
  assert.deepEqual(routeOf("#/booking/7:a_b-c"), { screen: "takeBooking", token: "7:a_b-c" });
  assert.deepEqual(routeOf("#/move/7"), { screen: "move", booking: "7" });
  for (const other of ["", "#/", "#/join/x", "#/elsewhere"]) {
    assert.deepEqual(routeOf(other), { screen: "home" });
  }
});

test("the language is the chosen one, else the first that is known, else English", () => {
  assert.equal(preferred("ar", ["he-IL"]), "ar");
  assert.equal(preferred(null, ["fr-FR", "he-IL", "en"]), "he");
  assert.equal(preferred(null, ["fr-FR"]), "en");
  assert.equal(preferred("constructor", []), "en");
});

test("Hebrew and Arabic run from right to left", () => {
  assert.deepEqual((["en", "he", "ar"] as const).map(directionOf), ["ltr", "rtl", "rtl"]);
});

test("nothing is live that was not heard of for 30 seconds", () => {
  assert.equal(ageOf(0, false, 30_000), "live");
  assert.equal(ageOf(0, false, 30_001), "as-of");
  assert.equal(ageOf(0, true, 30_001), "cut");
});

test("an alert comes every five seconds for thirty, or until it is stopped", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const [tell, ended] = [mock.fn(), mock.fn()];
  alertRepeatedly(tell, ended);
  assert.equal(tell.mock.callCount(), 1);
  mock.timers.tick(25_000);
  assert.equal(tell.mock.callCount(), 6);
  assert.equal(ended.mock.callCount(), 0);
  mock.timers.tick(5000);
  assert.equal(ended.mock.callCount(), 1);
  mock.timers.tick(60_000);
  assert.equal(tell.mock.callCount(), 6);

  const stop = alertRepeatedly(tell, ended);
  stop();
  mock.timers.tick(60_000);
  assert.equal(tell.mock.callCount(), 7);
});
