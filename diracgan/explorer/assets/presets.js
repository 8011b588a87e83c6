// Situations worth seeing, each with two sentences; the panels of the paper's figures come first.
"use strict";

const PRESETS = (() => {
  const one = (title, text, link) => ({ title, text, link });
  const paper = [["gan", {}], ["nsgan", {}], ["wgan", { "p.clip": 1 }], ["wgan-gp", { "p.gamma": 0.7 }], ["instance-noise", { "p.sigma": 0.7 }],
    ["r1", { "p.gamma": 0.3 }], ["r1", { "p.gamma": 1 }, "R1 gradient penalty, critical γ"], ["consensus", { "p.gamma": 1 }], ["nsgan-r1", { "p.gamma": 0.3 }]];
  const panel = (m, p, algorithm, title, name) => one(name ?? INFO.methods[m].title, `Panel of the published figures: ${title}, h = 0.2, 500 steps from (1, 1). Compare the orbit with the verdict.`,
    { m, a: algorithm[0], ...algorithm[1], ...p, x: "1,1", n: 500, box: "-2,2,-2,2" });
  const algorithms = [["SimGD", ["simgd", { "q.h": 0.2 }]], ["AltGD, n_d = 1", ["altgd", { "q.h": 0.2 }]], ["AltGD, n_d = 5", ["altgd", { "q.h": 0.2, "q.n_d": 5 }]]];
  const groups = [["See for yourself", [
    one("Circles for ever", "Without a penalty the flow of the GAN moves on closed curves around the equilibrium. Simultaneous steps leave them outwards: switch from the flow to SimGD.", { m: "gan", a: "flow", x: "1,1;0.5,0", n: 300 }),
    one("Critical γ", "At γ = 1 = 2f'(0) both eigenvalues meet on the real axis: the fastest flow. Drag γ past 1 and watch one eigenvalue come back: more penalty is slower.", { m: "r1", a: "flow", "p.gamma": 1, slide: "p.gamma", x: "1,1", n: 200 }),
    one("AltGD at h = 4", "Alternating steps keep the GAN neutral up to h = 4 exactly. Drag h across 4 and see the eigenvalues leave the circle at −1.", { m: "gan", a: "altgd", "q.h": 3.9, slide: "a.h", x: "0.1,0.1", n: 300, box: "-2,2,-2,2" }),
    one("WGAN-GP's cycle", "The penalty has a kink at ψ = 0: there is no Jacobian at the equilibrium. The flow ends on a cycle instead of a point.", { m: "wgan-gp", a: "flow", "p.gamma": 0.7, x: "0.1,0.1;1.8,1.5", n: 400 }),
    one("Consensus fails far out", "The equilibrium is stable, and a start nearby converges. From (1, 1) with five discriminator steps the path escapes: stability is local.", { m: "consensus", a: "altgd", "q.h": 0.2, "q.n_d": 5, "p.gamma": 1, x: "1,1;0.4,0.4", n: 500, box: "-3,3,-3,3", show: "arrows,nulls,fixed,locus,fates" }),
    one("R1 shrinks AltGD's limit", "Unpenalised, AltGD stays on the circle up to h = 4; with R1 it flips earlier, at h = 4/(γ + √(γ² + 1)). Drag γ and watch the limit move.", { m: "r1", a: "altgd", "q.h": 2.4, "p.gamma": 0.5, slide: "a.h", x: "0.3,0.3", n: 200 }),
    one("Global against local", "At γ = 1 SimGD is locally stable up to h = 4, but for hγ > 1 far starts diverge. One start here converges, the other does not.", { m: "r1", a: "simgd", "q.h": 1.2, "p.gamma": 1, x: "0.5,0.5;10,10", n: 100, box: "-14,14,-14,14", show: "arrows,nulls,fixed,locus,fates" }),
    one("SimGD's first limit", "Below h = γ/f'(0)² = 1.2 SimGD converges, above it a cycle is born around the equilibrium. Drag h across 1.2.", { m: "r1", a: "simgd", "q.h": 1.25, "p.gamma": 0.3, slide: "a.h", x: "0.2,0.2;1.5,0", n: 500 }),
    one("NSGAN's slow spiral", "Linearisation cannot decide for NSGAN: the eigenvalues are imaginary. The nonlinear terms pull inwards, like r² ≈ 8/t, slower than any exponential.", { m: "nsgan", a: "flow", x: "1.5,1", n: 1500 }),
    one("Clipping makes a box cycle", "Clipping bends SimGD's outward spiral into a cycle along |ψ| = 1. Change c and the cycle changes with it.", { m: "wgan", a: "simgd", "q.h": 0.2, "p.clip": 1, x: "0.3,0", n: 500 }),
    one("Hidden cycles of AltGD", "For small γ and large h attracting cycles coexist with the stable equilibrium. The far start is caught by one, the near one converges.", { m: "r1", a: "altgd", "q.h": 2.2, "p.gamma": 0.1, x: "0.03263182,1.19772335;0.05,0.05", n: 400, show: "arrows,nulls,fixed,locus,fates" }),
    one("Negative momentum", "With momentum −0.5 and alternating steps the unpenalised GAN becomes stable. Drag β through 0 and it is lost.", { m: "gan", a: "heavy-ball", "q.h": 0.5, "q.beta": -0.5, "q.alternating": 1, slide: "a.beta", x: "1,1", n: 400 }),
    one("Looking ahead", "Extragradient evaluates the field one step ahead; that alone turns the outward spiral inwards. Compare it with SimGD side by side.", { m: "gan", a: "extragradient", "q.h": 0.5, "c.m": "gan", "c.a": "simgd", "c.q.h": 0.5, x: "1,1", n: 200 }),
    one("More noise, more damping", "Instance noise acts at the equilibrium like R1 with γ = σ²/2. Drag σ and compare the eigenvalues with those of R1.", { m: "instance-noise", a: "altgd", "q.h": 0.2, "p.sigma": 0.8, "c.m": "r1", "c.a": "altgd", "c.q.h": 0.2, "c.p.gamma": 0.32, slide: "p.sigma", x: "1,1", n: 200 }),
    one("Data elsewhere", "A gradient penalty on the generated point still lets the generator find data anywhere. Drag x_data and watch the equilibrium follow.", { m: "r2", a: "altgd", "q.h": 0.2, "p.gamma": 0.6, "p.data": 0.8, slide: "p.data", x: "-1.5,0.5", n: 300 }),
    one("DRAGAN's first two steps", "Zero-centred around the data the penalty converges. With a dead zone up to |ψ| = 1 nothing pulls inside, and circles of radius 1 and less are neutral.", { m: "dragan-zero-centred", a: "altgd", "q.h": 0.05, "p.gamma": 1, "c.m": "dragan-dead-zone", "c.a": "altgd", "c.q.h": 0.05, "c.p.gamma": 1, "c.p.target": 1, x: "2,2;0.4,0.4", n: 2000, box: "-2.5,2.5,-2.5,2.5" }),
    one("DRAGAN's last step", "The two-sided penalty jumps at ψ = 0 and stops beside it, at (−2γ, 0): no equilibrium of the game. Below γ ≈ 0.74 the path crosses and cycles; drag γ.", { m: "dragan", a: "altgd", "q.h": 0.05, "p.gamma": 1, slide: "p.gamma", "c.m": "dragan-dead-zone", "c.a": "altgd", "c.q.h": 0.05, "c.p.gamma": 1, "c.p.target": 1, x: "1,1", n: 2000, box: "-2.5,2.5,-2.5,2.5" }),
  ]], ...algorithms.map(([title, algorithm]) => [`Paper: ${title}`, paper.map(([m, p, name]) => panel(m, p, algorithm, title, name))])];
  return groups.map(([title, items]) => [title, items.map(i => ({ ...i, link: "#" + new URLSearchParams(i.link).toString() }))]);
})();
