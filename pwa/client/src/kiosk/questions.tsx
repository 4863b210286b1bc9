// The questions: a language, a choice, a field.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { type KioskTexts, TEXTS } from "./texts.ts";

export type Said = KioskTexts;

export function Languages(props: {
  of: string[];
  choose: (language: string) => void;
}): JSX.Element {
  return (
    <ul class="choices" aria-label="Language · שפה · اللغة">
      {props.of.map((code) => (
        <li key={code}>
          <button type="button" lang={code} onClick={() => props.choose(code)}>
            {TEXTS[code]?.name ?? code}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Choices(props: {
  title: string;
  of: { id: number; name: string }[];
  choose: (id: number) => void;
}): JSX.Element {
  return (
    <>
      <Title>{props.title}</Title>
      <ul class="choices">
        {props.of.map(({ id, name }) => (
          <li key={id}>
            <button type="button" onClick={() => props.choose(id)}>
              <bdi>{name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A name or a number; what was typed stays until it is answered. */
export function Field(props: {
  field: "name" | "phone";
  isRequired: boolean;
  isWrong: boolean;
  said: Said;
  tell: (text: string) => void;
}): JSX.Element {
  const { field, isRequired, said } = props;
  const [text, setText] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const isPhone = field === "phone";
  const submit = (event: Event): void => {
    event.preventDefault();
    const isEmpty = text.trim() === "";
    setIsMissing(isEmpty);
    if (!isEmpty) props.tell(text);
  };
  const whenMissing = isPhone ? said.phoneMissing : said.nameMissing;
  const problem = isMissing ? whenMissing : props.isWrong ? said.notUsable : null;
  return (
    <form onSubmit={submit} noValidate>
      <Title id="question">{isPhone ? said.yourPhone : said.yourName}</Title>
      {problem !== null && (
        <p class="problem" id="problem" role="alert">
          {problem}
        </p>
      )}
      <input
        type={isPhone ? "tel" : "text"}
        dir={isPhone ? "ltr" : "auto"}
        autocomplete="off"
        maxLength={isPhone ? 40 : 100}
        aria-labelledby="question"
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : "problem"}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p>{said.deskSees}</p>
      <div class="row">
        <button>{said.next}</button>
        {!isRequired && (
          <button type="button" class="quiet" onClick={() => props.tell("")}>
            {said.leaveOut}
          </button>
        )}
      </div>
    </form>
  );
}

/** A new question is read from its start. */
export function Title(props: { id?: string; children: string }): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <h1 id={props.id} ref={title} tabIndex={-1}>
      {props.children}
    </h1>
  );
}
