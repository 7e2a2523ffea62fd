// What the purse pays of the rows that are bought, the cheapest first, a parabola through each budget's losses, and the
// line through the bottoms: in a page without a kernel.
explorer.programs.buy_runs = ({ logN, C, loss, sizes, budgets, ends, purse }, keeps) => {
  const paid = [];
  let spent = 0;
  for (let row = 0; row < C.length; row++) {
    if (keeps(row) || spent + C[row] > purse) continue;
    paid.push(row);
    spent += C[row];
  }
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

  // The lowest point of the parabola by least squares: its three equations, by Cramer's rule.
  const bottoms = budgets.map((_, place) => {
    const own = paid.filter((row) => Math.floor(row / sizes) === place && loss[row] !== null);
    if (own.length < 3) return NaN;
    const middle = mean(own.map((row) => logN[row])), x = own.map((row) => logN[row] - middle);
    const level = mean(own.map((row) => loss[row])), y = own.map((row) => loss[row] - level);
    const s = [0, 1, 2, 3, 4].map((power) => x.reduce((sum, v) => sum + v ** power, 0));
    const t = [0, 1, 2].map((power) => x.reduce((sum, v, i) => sum + v ** power * y[i], 0));
    const det = ([a, b, c], [d, e, f], [g, h, i]) => a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    const all = det([s[4], s[3], s[2]], [s[3], s[2], s[1]], [s[2], s[1], s[0]]);
    const bend = det([t[2], s[3], s[2]], [t[1], s[2], s[1]], [t[0], s[1], s[0]]) / all;
    const tilt = det([s[4], t[2], s[2]], [s[3], t[1], s[1]], [s[2], t[0], s[0]]) / all;
    return bend > 1e-9 ? middle + Math.max(-3, Math.min(3, (-0.5 * tilt) / bend)) : NaN;
  });
  const known = budgets.flatMap((C, place) => (bottoms[place] === bottoms[place] ? [[Math.log(C), bottoms[place]]] : []));
  let line = ends.map(() => NaN);
  if (known.length > 1) {
    const x = mean(known.map(([at]) => at)), y = mean(known.map(([, at]) => at));
    const slope = known.reduce((sum, [a, b]) => sum + (a - x) * b, 0) / known.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
    line = ends.map((C) => Math.exp(y + slope * (Math.log(C) - x)));
  }
  const trained = new Set(paid);
  return {
    numbers: { runs: paid.length, left: 100 * (1 - spent / purse) },
    heights: {
      "points.losses": loss.map((v, row) => (trained.has(row) && v !== null ? v : NaN)),
      "points.bottoms": bottoms.map((v) => Math.exp(v)),
      "curves.line": line,
    },
  };
};
