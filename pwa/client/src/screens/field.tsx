// A field of a form: what it is for, what is wrong with it, and what was typed.

import type { JSX } from "preact";

import { texts } from "../app/language.ts";

export function Field(props: {
  id: string;
  label: string;
  note?: string;
  fault: string | undefined;
  isRequired?: boolean;
  isFixed: boolean;
  type?: "text" | "email" | "tel";
  autocomplete?: string;
  length: number;
  text: string;
  tell: (text: string) => void;
}): JSX.Element {
  const { id, fault, isRequired = false, type = "text" } = props;
  const notes = [props.note, isRequired ? null : texts.value.mayBeEmpty].filter(Boolean).join(" ");
  const note = fault ?? notes;
  return (
    <div class={fault ? "asked asked--missing" : "asked"}>
      <label for={id}>
        <bdi>{props.label}</bdi>
      </label>
      {note && (
        <p id={`${id}-note`} class="asked__note" role={fault ? "alert" : undefined}>
          {note}
        </p>
      )}
      <input
        id={id}
        name={id}
        type={type}
        autocomplete={props.autocomplete ?? "off"}
        dir={type === "text" ? "auto" : "ltr"}
        maxLength={props.length}
        required={isRequired}
        aria-invalid={fault !== undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        disabled={props.isFixed}
        value={props.text}
        onInput={(event) => props.tell(event.currentTarget.value)}
      />
    </div>
  );
}
