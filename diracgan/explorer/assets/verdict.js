// How a spectrum is judged: by the rules of the package, in words and with their numbers.
"use strict";

const Verdict = (() => {
  const { eigenvalues, modulus } = Numerics;
  const HUGE = 1e150; // products of larger entries overflow
  const largestOf = M => Math.max(1e-300, ...M.flat().map(Math.abs));
  const kindOf = margin => Number.isNaN(margin) ? "none" : margin > 0 ? "stable" : margin < 0 ? "unstable" : "neutral";

  // The largest real part (flow) or modulus (map), whatever the size of the entries.
  const number = (flow, M) => {
    if (M.length === 2) { const value = Spectra.largest(flow, M); if (Number.isFinite(value)) return value; }
    const size = largestOf(M), scale = size > HUGE ? size : 1;
    return scale * Math.max(...eigenvalues(scale === 1 ? M : M.map(row => row.map(v => v / scale))).map(z => flow ? z[0] : modulus(z)));
  };

  // How far inside of the stable region a spectrum is: > 0 stable, < 0 unstable, 0 neutral, NaN where it is no number.
  const margin = (flow, M) => {
    if (!M.flat().every(Number.isFinite)) return NaN;
    const largest = largestOf(M);
    if (M.length === 2 && largest <= HUGE) return RULES[flow ? "flow" : "map"](M.flat());
    const value = number(flow, M);
    return RULES.settled([flow ? -value : 1 - value, largest]);
  };

  // Functions that vanish where an eigenvalue crosses the boundary, by the kind of bifurcation that this is.
  const crossings = (flow, M) => {
    if (!M.flat().every(Number.isFinite)) return flow ? { hopf: NaN, fold: NaN } : { "neimark-sacker": NaN, flip: NaN, fold: NaN };
    if (M.length === 2) {
      if (flow) { const [hopf, fold] = RULES.hurwitz(M.flat()); return { hopf, fold }; }
      const [inside, flip, fold] = RULES.jury(M.flat());
      return { "neimark-sacker": -inside, flip, fold };
    }
    const { determinant: det, shifted, compound } = Numerics;
    if (flow) return { hopf: -(M[0][0] + M[1][1]), fold: det(M) };
    return { "neimark-sacker": det(shifted(compound(M), -1)), flip: det(shifted(M, 1)), fold: det(shifted(M, -1)) };
  };

  // Numbers with the fewest digits, four at least, that show which of them differ.
  const apart = (...numbers) => {
    for (const digits of [4, 6, 9, 12, 17]) {
      const texts = numbers.map(v => show(v, digits));
      if (new Set(texts).size === new Set(numbers).size || digits === 17) return texts;
    }
  };

  const OVERFLOW = { kind: "overflow", number: NaN, margin: NaN, title: "Unstable beyond every number.",
    text: "One round multiplies small deviations by more than the largest float, 1.8·10³⁰⁸: its multipliers cannot be computed. Take a smaller learning rate or fewer updates in a round." };

  const judge = (flow, M) => {
    const m = margin(flow, M);
    if (Number.isNaN(m)) return OVERFLOW;
    const kind = kindOf(m), planar = M.length === 2, value = number(flow, M);
    let words;
    if (flow && planar) {
      const [turning, area] = RULES.hurwitz(M.flat());
      words = ["{flow}", `tr J = ${show(-turning)}, det J = ${show(area)}`];
    } else if (planar) {
      const [, flip, fold] = RULES.jury(M.flat()), [trace, area] = apart(Math.abs(flip - fold) / 2, (flip + fold) / 2, 2);
      words = ["{map}", `|tr M| = ${trace}, 1 + det M = ${area}`];
    } else words = flow ? ["{flowmany}", `max Re μ = ${show(value)}`] : ["{mapmany}", `max |λ| = ${apart(value, 1)[0]}`];
    return { kind, number: kind === "neutral" ? (flow ? 0 : 1) : value, margin: m, wanted: words[0], numbers: words[1] };
  };

  return { kindOf, number, margin, crossings, judge, OVERFLOW };
})();
