// A touch screen in the hall: the kiosk, or the code to pair it with one.

import "./kiosk.css";

import { render } from "preact";

import { pairScreen } from "../shared/pairing.ts";
import { KioskApi } from "./api.ts";
import { Kiosk } from "./kiosk.tsx";

const pairing = document.getElementById("pair");
if (pairing !== null) {
  pairScreen(pairing);
} else {
  const root = document.getElementById("kiosk")!;
  root.dataset["token"] = root.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value;
  const api = new KioskApi(root);
  root.replaceChildren();
  render(<Kiosk api={api} release={root.dataset["release"]!} />, root);
}
