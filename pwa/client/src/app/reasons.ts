// Why something was not done, in the reader's words.

import type { Said } from "../shared/texts.ts";
import type { Why, WhyReason } from "../shared/types.ts";
import { NoAnswerError, ProblemError } from "./api.ts";
import { isUnsettled } from "./deeds.ts";

type Reason =
  | "noAnswer"
  | "isPaused"
  | "isFull"
  | "atPlace"
  | "serviceNotTaken"
  | "groupTooLarge"
  | "nobodyBehind"
  | "notFound"
  | "tooMany"
  | "notUsable"
  | "failed";

const BY_CODE = new Map<string, Reason>([
  ["queue-not-open", "isPaused"],
  ["queue-full", "isFull"],
  ["remote-join-off", "atPlace"],
  ["not-on-site", "atPlace"],
  ["service-not-taken", "serviceNotTaken"],
  ["group-too-large", "groupTooLarge"],
  ["nobody-behind", "nobodyBehind"],
  ["not-found", "notFound"],
  ["too-many-requests", "tooMany"],
  ["invalid-input", "notUsable"],
  ["request-running", "noAnswer"],
]);

export function reasonFor(texts: Said, error: unknown): string {
  if (error instanceof NoAnswerError) return texts.noAnswer;
  const reason = error instanceof ProblemError ? BY_CODE.get(error.code) : undefined;
  return texts[reason ?? "failed"];
}

/** Whether it may have been done all the same, now or by a sending before. */
export function isUncertain(error: unknown): boolean {
  return !(error instanceof ProblemError) || isUnsettled(error.status, error.code);
}

const WHY = {
  before_you_came: "whyBeforeYouCame",
  came_earlier: "whyCameEarlier",
  priority: "whyPriority",
  you_let_ahead: "whyYouLetAhead",
  you_asked_for_time: "whyYouAskedForTime",
  you_were_called: "whyYouWereCalled",
  you_were_elsewhere: "whyYouWereElsewhere",
  other_service: "whyOtherService",
  by_hand: "whyByHand",
} as const satisfies Record<WhyReason, keyof Said>;

/** Why another number was called before; with {code} and {minutes}. */
export function sentenceOf(texts: Said, why: Why): string {
  return texts[WHY[why.reason]];
}
