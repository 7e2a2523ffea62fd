// The five constants for the runs that are kept, in a page without a kernel: the lowest sum of Huber's loss of
// ln L - ln(E + A / N^alpha + B / D^beta), by Newton's steps, damped until they lower it.
explorer.programs.drop_runs = ({ starts, rows: [lnN, lnD, lnL], delta, budgets }, keeps) => {
  const five = [0, 1, 2, 3, 4], rows = [...lnL.keys()].filter(keeps);

  // The sum at t = (ln E, ln A, ln B, alpha, beta), its gradient g and Hessian H, and W, the Hessian of the sum of
  // squares that weighs each residual as Huber's loss does: it gives the damping its units.
  function look(t) {
    const g = new Float64Array(5), H = new Float64Array(25), W = new Float64Array(25);
    let sum = 0;
    for (const i of rows) {
      const terms = [t[0], t[1] - t[3] * lnN[i], t[2] - t[4] * lnD[i]], top = Math.max(...terms);
      const sized = terms.map((term) => Math.exp(term - top)), all = sized[0] + sized[1] + sized[2], [p, q, s] = sized.map((v) => v / all);
      const r = lnL[i] - top - Math.log(all), pull = Math.max(-delta, Math.min(delta, r)), inside = r === pull ? 1 : 0;
      const d = [p, q, s, -q * lnN[i], -s * lnD[i]], weight = inside || delta / Math.abs(r);
      sum += pull * (r - pull / 2);
      for (const a of five) {
        g[a] -= pull * d[a];
        for (const b of five) {
          H[5 * a + b] += (inside + pull) * d[a] * d[b];
          W[5 * a + b] += weight * d[a] * d[b];
        }
      }
      // The curvature of the law's logarithm, a term at a time.
      const bend = (a, b, v) => { H[5 * a + b] -= pull * v; if (a !== b) H[5 * b + a] -= pull * v; };
      bend(0, 0, p);
      for (const [a, b, x, part] of [[1, 3, -lnN[i], q], [2, 4, -lnD[i], s]]) {
        bend(a, a, part);
        bend(a, b, part * x);
        bend(b, b, part * x * x);
      }
    }
    return { sum, g, H, W };
  }

  // The step x with (H + damp W) x = -g, by Cholesky's factors; nothing where the matrix has a direction that falls.
  function step({ g, H, W }, damp) {
    const L = H.map((v, i) => v + damp * W[i]), x = g.map((v) => -v);
    for (const a of five) {
      for (let b = 0; b <= a; b++) {
        for (let k = 0; k < b; k++) L[5 * a + b] -= L[5 * a + k] * L[5 * b + k];
        if (a > b) L[5 * a + b] /= L[6 * b];
      }
      if (!(L[6 * a] > 0)) return null;
      L[6 * a] = Math.sqrt(L[6 * a]);
      for (let k = 0; k < a; k++) x[a] -= L[5 * a + k] * x[k];
      x[a] /= L[6 * a];
    }
    for (const a of [4, 3, 2, 1, 0]) {
      for (let k = a + 1; k < 5; k++) x[a] -= L[5 * k + a] * x[k];
      x[a] /= L[6 * a];
    }
    return x;
  }

  function descend(t) {
    let here = look(t), damp = 1e-4;
    for (let tries = 0; tries < 300 && damp < 1e9; tries++) {
      const x = step(here, damp), gain = x ? -x.reduce((sum, v, a) => sum + v * here.g[a], 0) : 0;
      if (x && gain < 1e-16) break;
      const next = x && t.map((v, a) => v + x[a]), there = next && look(next);
      if (there && there.sum < here.sum - 5e-5 * gain) {
        [t, here, damp] = [next, there, Math.max(damp / 5, 1e-9)];
      } else damp *= 4;
    }
    return { t, sum: here.sum };
  }

  // Huber's loss can have a second valley; of all starts the lowest end counts.
  const { t } = starts.map(descend).reduce((best, end) => (end.sum < best.sum ? end : best));
  const [, lnA, lnB, alpha, beta] = t, a = beta / (alpha + beta), lnG = (Math.log(alpha / beta) + lnA - lnB) / (alpha + beta);
  const advice = budgets.map((C) => Math.exp((1 - 2 * a) * Math.log(C / 6) - 2 * lnG));
  return {
    numbers: { kept: rows.length, a, ratio: advice[1], E: Math.exp(t[0]), A: Math.exp(lnA), B: Math.exp(lnB), alpha, beta },
    heights: { "curves.advice": advice, "points.end": [advice[1]], "marks.end": [advice[1]] },
  };
};
