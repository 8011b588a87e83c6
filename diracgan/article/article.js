// Figures come to life when they come into sight, ask first, and show the answer.
"use strict";

(() => {
  // So many pages of the explorer live at a time; the one farthest away makes room.
  const MOST = 4;
  const source = ADDRESS ?? URL.createObjectURL(new Blob([PAGE], { type: "text/html" }));
  const figures = [...document.querySelectorAll("figure.live")];
  const frame = figure => figure.querySelector("iframe");
  const address = figure => source + (figure.classList.contains("answered") ? figure.dataset.answered : figure.dataset.asked);

  const wake = figure => {
    if (frame(figure)) return;
    const made = Object.assign(document.createElement("iframe"), { src: address(figure), title: figure.querySelector(".view").textContent });
    figure.querySelector(".frame").replaceChildren(made);
    const distance = one => Math.abs(one.getBoundingClientRect().top - window.innerHeight / 2);
    const awake = figures.filter(frame).sort((a, b) => distance(a) - distance(b));
    for (const far of awake.slice(MOST)) frame(far).remove();
  };
  const watch = new IntersectionObserver(seen => { for (const { isIntersecting, target } of seen) if (isIntersecting) wake(target); }, { rootMargin: "500px" });

  let right = 0, asked = 0;
  const score = () => {
    const line = document.querySelector(".score");
    line.hidden = false;
    line.textContent = `You foresaw ${right} of the ${asked} answers that you gave, of ${figures.length} questions in all.`;
  };
  const answer = (figure, chosen) => {
    const wanted = Number(figure.dataset.right), buttons = [...figure.querySelectorAll(".answers button")];
    figure.classList.add("answered");
    buttons.forEach((button, k) => {
      button.disabled = true;
      if (k === wanted) { button.classList.add("yes"); button.textContent = `✓ ${button.textContent}`; }
      else if (k === chosen) { button.classList.add("no"); button.textContent = `✗ ${button.textContent}`; }
    });
    asked += 1; right += chosen === wanted ? 1 : 0;
    score();
    // Another fragment of the same page: it does not load again.
    if (frame(figure)) frame(figure).contentWindow.location.replace(address(figure)); else wake(figure);
  };

  // A figure says how high it is.
  window.addEventListener("message", ({ source: sender, data }) => {
    const figure = figures.find(one => frame(one)?.contentWindow === sender), height = data?.diracgan?.height;
    if (figure && Number.isFinite(height)) figure.style.setProperty("--height", `${Math.min(Math.max(height, 200), 2000)}px`);
  });

  for (const figure of figures) {
    figure.querySelectorAll(".answers button").forEach((button, k) => { button.onclick = () => answer(figure, k); });
    watch.observe(figure);
  }
  document.body.dataset.ready = "yes";
})();
