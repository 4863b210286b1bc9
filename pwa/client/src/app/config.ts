import type { Config } from "../shared/types.ts";

/** What the build wrote into the page. */
export function readConfig(): Config {
  return JSON.parse(document.getElementById("config")?.textContent ?? "") as Config;
}
