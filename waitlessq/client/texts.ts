// What scripts of a server-rendered page say: the page hands it over, in its own language.

interface Texts {
  live: string;
  /** With `{since}`, a time. */
  noConnection: string;
  notDone: string;
  /** With `{kiosk}`, its name. */
  helpAsked: string;
}

export const texts = JSON.parse(document.getElementById("texts")!.textContent) as Texts;
