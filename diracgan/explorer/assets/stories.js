// The story that is told: its question, the answers, and what the page says to it.
"use strict";

const Stories = (() => {
  const $ = id => document.getElementById(id), { make } = Controls;
  const at = told => told && STORIES[told.name].steps[told.step - 1];
  const asking = s => Boolean(s.story) && s.story.answer === null;

  // The state of a step, with its question open or answered (the index of the answer, −1 for none).
  const open = (name, step, answer = null) => {
    const one = at({ name, step }), [state] = State.read(answer === null ? one.view : one.then);
    return { ...state, story: { name, step, answer } };
  };
  const neighbour = ({ name, step }, by) => STORIES[name].steps[step - 1 + by] ? open(name, step + by) : null;
  // One further: an open question is answered first.
  const forth = ({ name, step, answer }) => answer === null ? open(name, step, -1) : neighbour({ name, step }, 1);

  const answerButtons = (told, one, go) => one.answers.map((text, k) => {
    const open_ = told.answer === null, kind = open_ ? "" : k === one.right ? "yes" : k === told.answer ? "no" : "";
    return make("button", { type: "button", class: `answer ${kind}`, ...(open_ ? {} : { disabled: "" }), onclick: () => go(open(told.name, told.step, k)) },
      kind === "yes" ? `✓ ${text}` : kind === "no" ? `✗ ${text}` : text);
  });

  // `go(state)` shows another state, `leave()` ends the story.
  const draw = (s, go, leave) => {
    const told = s.story, box = $("story-box"), one = at(told);
    document.body.classList.toggle("asking", asking(s));
    if (!told) return;
    const { title, steps } = STORIES[told.name], back = neighbour(told, -1), on = forth(told);
    const move = (id, label, text, state) => make("button", { type: "button", id, "aria-label": label, ...(state ? {} : { disabled: "" }), onclick: () => go(state) }, text);
    box.hidden = false;
    box.replaceChildren(make("div", { class: "head" }, make("h2", { id: "story-title" }, title), make("small", {}, `${told.step} of ${steps.length}`),
      make("span", { class: "end" }, move("story-back", "Previous step", "←", back), move("story-on", asking(s) ? "Show the answer" : "Next step", "→", on),
        make("button", { type: "button", id: "story-leave", "aria-label": "Leave the story", onclick: leave }, "✕"))),
    make("p", { id: "story" }, one.text), make("p", { class: "question" }, one.question), make("p", { class: "answers" }, ...answerButtons(told, one, go)),
    ...(asking(s) ? [] : [make("p", { class: "reveal", role: "status" }, one.reveal)]));
  };

  // The list of stories in the menu.
  const fill = go => $("told").replaceChildren(...Object.entries(STORIES).map(([name, { title, steps }]) =>
    make("button", { type: "button", class: "chip story", onclick: () => go(open(name, 1)) }, `${title} (${steps.length} steps)`)));

  return { draw, fill, open, forth, back: told => neighbour(told, -1), asking };
})();
