// Draws a live figure and listens to its controls. It knows nothing of scaling laws: what it draws was computed
// in Python, beforehand over the stops of the sliders (a page) or just now (a kernel).
const explorer = (() => {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", DIGITS = [];
  for (let digit = 0; digit < 64; digit++) DIGITS[LETTERS.charCodeAt(digit)] = digit;

  // ---- data: letters -> whole numbers -> sums along every direction -> values

  function whole(text) {
    const out = [];
    let value = 0, unit = 1;
    for (let i = 0; i < text.length; i++) {
      const digit = DIGITS[text.charCodeAt(i)];
      value += (digit & 31) * unit;
      unit *= 32;
      if (digit < 32) {
        out.push(value % 2 ? -(value - 1) / 2 : value / 2);
        value = 0;
        unit = 1;
      }
    }
    return out;
  }

  function summed(code) {
    const out = new Float64Array(whole(code.s));
    let stride = 1;
    for (let d = code.n.length - 1; d >= 0; d--) {
      const all = stride * code.n[d];
      for (let k = 0; k < code.k[d]; k++)
        for (let block = 0; block < out.length; block += all)
          for (let i = block + stride; i < block + all; i++) out[i] += out[i - stride];
      stride = all;
    }
    return out;
  }

  function decode(slot) {
    if (typeof slot === "string" || slot.values) return slot;
    if (slot.words) slot.values = whole(slot.s);
    else {
      const hole = slot.m && summed(slot.m);
      slot.values = summed(slot).map((v, i) => (hole && hole[i] ? NaN : (v - 0.29) * slot.q));
    }
    return slot;
  }

  // The content of a slot at a position: between stops the values are mixed, words are those of the nearest stop.
  function read(spec, slot, position) {
    if (typeof decode(slot) === "string") return slot;
    const size = slot.words ? 1 : slot.n[slot.n.length - 1];
    let corners = [[0, 1]];
    slot.on.forEach((control, d) => {
      const at = position[control] / (spec.controls[control].between || 1);
      const low = Math.min(Math.floor(at), slot.n[d] - 1), part = slot.words ? Math.round(at) - low : at - low;
      corners = corners.flatMap(([i, w]) =>
        [[low, 1 - part], [low + 1, part]].filter((c) => c[1]).map((c) => [i * slot.n[d] + c[0], w * c[1]]));
    });
    if (slot.words) return slot.words[slot.values[corners[0][0]]];
    const out = new Float64Array(size);
    for (const [i, w] of corners) for (let j = 0; j < size; j++) out[j] += w * slot.values[i * size + j];
    return out;
  }

  const frameAt = (spec, slots, position) => solved(spec, slots.map((slot) => read(spec, slot, position)), position);

  // Where rows are left out, a script of the figure's own says what then stands in some layers and numbers: there are
  // more sets of rows than a page could hold.
  const programs = {};

  function solved(spec, frame, position) {
    if (!spec.pick) return frame;
    const { control, program, kept, left_out, layers, given } = spec.pick, without = new Set(position[control]);
    const [inside, outside] = [kept, left_out].map((at) => spec.layers[at]), xs = frame[inside.x].map((v, row) => (v === v ? v : frame[outside.x][row]));
    frame[inside.x] = xs.map((v, row) => (without.has(row) ? NaN : v));
    frame[outside.x] = xs.map((v, row) => (without.has(row) ? v : NaN));
    const found = programs[program](given, (row) => !without.has(row));
    for (const name in found.numbers) frame[spec.numbers[name].slot] = [SCALES[spec.numbers[name].scale][0](found.numbers[name])];
    for (const name in found.heights) {
      const layer = spec.layers[layers[name]], axis = panelsOf(spec, position)[layer.panel].y;
      frame[layer.y] = Float64Array.from(found.heights[name], (v) => toFraction(axis, v));
    }
    return frame;
  }

  // The places of rows in the picture, kept or left out.
  function rowsOf(spec, frame, position, width) {
    const [inside, outside] = [spec.pick.kept, spec.pick.left_out].map((at) => spec.layers[at]);
    const { x, y, w, h } = layOut(spec, panelsOf(spec, position), width).frames[inside.panel];
    return Array.from(frame[inside.x], (v, row) => [x + (v === v ? v : frame[outside.x][row]) * w, y + (1 - frame[inside.y][row]) * h]);
  }

  // ---- numbers and words

  // In what a quantity is even: `bend` takes it there, `plain` back, as scales.py has them.
  const SCALES = {
    linear: [(v) => v, (t) => t],
    log: [Math.log, Math.exp],
    symlog: [(v) => Math.sign(v) * Math.log1p(Math.abs(v)), (t) => Math.sign(t) * Math.expm1(Math.abs(t))],
    loglog: [(v) => Math.log(Math.log(v)), (t) => Math.exp(Math.exp(t))],
    root: [(v) => Math.sqrt(Math.max(0, Math.log(v))), (t) => Math.exp(t * t)],
  };

  // The value a share of the way from a to b.
  function blend(scale, a, b, share) {
    const [bend, plain] = SCALES[scale];
    return share ? plain(bend(a) + (bend(b) - bend(a)) * share) : a;
  }

  const commas = (text) => text.replace(/^\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ","));

  function significant(size, digits) {
    if (!size) return "0";
    const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
    return commas(Number(mantissa + "e" + exponent).toFixed(Math.max(0, digits - 1 - exponent)));
  }

  function power(size, digits) {
    if (!size || (size >= 1e-3 && size < 1e4)) return significant(size, digits);
    let [mantissa, exponent] = size.toExponential(digits - 1).split("e");
    if (mantissa.includes(".")) mantissa = mantissa.replace(/\.?0+$/, "");
    return (mantissa === "1" ? "" : mantissa + " × ") + "10^" + Number(exponent);
  }

  function worded(size, digits) {
    for (const [unit, word] of [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]])
      if (Number(size.toExponential(digits - 1)) >= unit)
        return Number(size.toExponential(digits - 1)) < 1e15 ? significant(size / unit, digits) + " " + word : power(size, digits);
    return significant(size, digits);
  }

  function written(value, form) {
    const [, plus, kind, count] = /(\+?)(\w)(\d)/.exec(form), digits = Number(count), size = Math.abs(value);
    if (!Number.isFinite(value)) return "none";
    const text = kind === "f" ? size.toFixed(digits) : kind === "c" ? commas(size.toFixed(digits))
      : kind === "p" ? (100 * size).toFixed(digits) + "%" : kind === "e" ? power(size, digits)
        : kind === "w" ? worded(size, digits) : significant(size, digits);
    if (value < 0 && /[1-9]/.test(text)) return "−" + text;
    return (plus && value > 0 ? "+" : "") + text;
  }

  const valueOf = (spec, frame, name) => SCALES[spec.numbers[name].scale][1](frame[spec.numbers[name].slot][0]);

  const fill = (spec, frame, text, loud) =>
    text.replace(/(\*?)\{(\w+)\}\*?/g, (_, star, name) => {
      const words = written(valueOf(spec, frame, name), spec.numbers[name].form);
      return star && loud ? "<b>" + words + "</b>" : words;
    });

  const safe = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const raised = (text) => text.replace(/\^([−-]?\d+(?:\.\d+)?)/g, "<sup>$1</sup>");
  const spoken = (text) => text.replace(/ × 10\^/g, " times ten to the ").replace(/10\^/g, "ten to the ").replace(/−/g, "minus ");
  const sentence = (spec, frame, loud) => fill(spec, frame, loud ? safe(frame[spec.say]) : frame[spec.say], loud);
  const drawn = (text) => safe(text).replace(/\^([−-]?\d+(?:\.\d+)?)/g, '<tspan dy="-5" font-size="9">$1</tspan><tspan dy="5">\u200b</tspan>');

  // What a control shows at a position: the value between two stops on its own scale, or the words of a choice.
  function valueAt(control, step) {
    const low = Math.floor(step / control.between);
    return blend(control.scale, control.stops[low], control.stops[low + 1], step / control.between - low);
  }

  const shown = (control, step) =>
    control.options ? control.options[step] : `${written(valueAt(control, step), control.form)} ${control.unit}`.trim();

  const fromFraction = ({ low, high, scale, linear_part: part }, t) => part * blend(scale, low / part, high / part, t);

  const toFraction = ({ low, high, scale, linear_part: part }, v) => {
    const [a, b, here] = [low, high, v].map((x) => SCALES[scale][0](x / part));
    return (here - a) / (b - a);
  };

  // ---- the picture: a text of SVG for a width, the same letters from the same numbers everywhere

  const F = (v) => (Math.round(Math.round(1e6 * v) / 1e5) / 10).toFixed(1);

  const panelsOf = (spec, position) => {
    const choice = spec.controls.findIndex((c) => c.options);
    return spec.panels[spec.panels.length > 1 ? position[choice] : 0];
  };

  // Width and height of the picture, and the frame of each panel in it.
  function layOut(spec, panels, width) {
    const few = width < 640, beside = spec.layout === "beside" && !few, left = few ? 44 : 56, right = 20;
    const one = few ? Math.max(280, width * 0.75) : width * 0.5625, total = panels.reduce((sum, p) => sum + p.height, 0);
    const height = Math.round(panels.length < 2 || beside ? one : spec.layout === "beside" ? one * 1.7 : one * 1.25);
    let from = 0;
    const frames = panels.map((panel) => {
      const share = panel.height / total, first = from;
      from += share;
      if (beside) return { x: left + first * width, y: 12, w: share * width - left - right, h: height - 58 };
      const low = panel.x_label ? 46 : 16, top = few && panel.y.label ? 24 : 12;
      return { x: left, y: first * height + top, w: width - left - right, h: share * height - top - low };
    });
    return { few, height, frames };
  }

  const fine = (t) => t > -0.01 && t < 1.01;
  const LONG = (text) => text.replace(/\^/g, "").length * 6.7;

  function paint(spec, frame, position, width, see) {
    const panels = panelsOf(spec, position), { few, height, frames } = layOut(spec, panels, width), above = [], taken = [];
    const parts = panels.map((panel, index) => {
      const { x, y, w, h } = frames[index], grid = [], inside = [];
      for (const [t, text] of few ? panel.x.few : panel.x.ticks) {
        grid.push(`<path class="grid" d="M${F(x + t * w)} ${F(y)}v${F(h)}"/>`);
        if (panel.x_label) grid.push(`<text class="tick" x="${F(x + t * w)}" y="${F(y + h + 18)}" text-anchor="middle">${drawn(text)}</text>`);
      }
      for (const [t, text] of few ? panel.y.few : panel.y.ticks) {
        grid.push(`<path class="grid" d="M${F(x)} ${F(y + h - t * h)}h${F(w)}"/>`);
        grid.push(`<text class="tick" x="${F(x - 8)}" y="${F(y + h - t * h + 4)}" text-anchor="end">${drawn(text)}</text>`);
      }
      grid.push(`<path class="axis" d="M${F(x)} ${F(y)}V${F(y + h)}H${F(x + w)}"/>`);
      const title = (axis) => drawn(axis.unit ? `${axis.label}, ${axis.unit}` : axis.label);
      if (panel.x_label) grid.push(`<text class="title" x="${F(x + w / 2)}" y="${F(y + h + 38)}" text-anchor="middle">${title(panel.x)}</text>`);
      grid.push(few ? `<text class="title" x="${F(x - 36)}" y="${F(y - 10)}">${title(panel.y)}</text>`
        : `<text class="title" transform="translate(${F(x - 43)} ${F(y + h / 2)})rotate(-90)" text-anchor="middle">${title(panel.y)}</text>`);
      for (const layer of spec.layers)
        if (layer.panel === index && !(few && !layer.phone) && !(see.hidden && layer.after)) shape(layer, { w, h, x, y }, inside);
      const box = `<svg x="${F(x)}" y="${F(y)}" width="${F(w)}" height="${F(h)}">${inside.join("")}</svg>`;
      return grid.join("") + box;
    });

    // A text kept inside its frame and off those that stand already.
    function label(text, px, py, anchor, role, at, bold) {
      const long = LONG(text);
      let left = anchor === "end" ? px - long : anchor === "middle" ? px - long / 2 : px;
      left = Math.max(at.x + 3, Math.min(left, at.x + at.w - long - 1));
      let line = Math.max(at.y + 11, Math.min(py, at.y + at.h - 5));
      for (const step of [0, -14, 14, -28, 28, -42, 42]) {
        const tried = line + step;
        const free = !taken.some(([l, r, t]) => left < r && left + long > l && Math.abs(tried - t) < 13);
        if (free && tried > at.y + 8 && tried < at.y + at.h) { line = tried; break; }
      }
      taken.push([left, left + long, line]);
      const out = anchor === "end" ? left + long : anchor === "middle" ? left + long / 2 : left;
      above.push(`<text class="${role}${bold ? " bold" : ""}" x="${F(out)}" y="${F(line)}" text-anchor="${anchor}">${drawn(text)}</text>`);
    }

    function beside(text, px, py, side, role, at, bold) {
      const [dx, dy, anchor] = { right: [9, 4, "start"], left: [-9, 4, "end"], above: [0, -10, "middle"], below: [0, 18, "middle"],
        middle: [0, 4, "middle"], end: [-6, -8, "end"], start: [6, -8, "start"] }[side];
      label(text, px + dx, py + dy, anchor, role, at, bold);
    }

    function marker(kind, px, py, size, css) {
      const s = size, at = `${F(px)} ${F(py)}`;
      if (kind === "circle") return `<circle class="${css}" cx="${F(px)}" cy="${F(py)}" r="${s}"/>`;
      if (kind === "cross") return `<path class="${css} cross" d="M${at}m${-s} ${-s}l${2 * s} ${2 * s}m0 ${-2 * s}l${-2 * s} ${2 * s}"/>`;
      const d = kind === "square" ? `m${-s} ${-s}h${2 * s}v${2 * s}h${-2 * s}z` : `m0 ${-1.3 * s}l${1.3 * s} ${1.3 * s}l${-1.3 * s} ${1.3 * s}l${-1.3 * s} ${-1.3 * s}z`;
      return `<path class="${css}" d="M${at}${d}"/>`;
    }

    function line(xs, ys, at) {
      let d = "", open = false;
      for (let i = 0; i < xs.length; i++) {
        const px = xs[i] * at.w, py = (1 - ys[i]) * at.h;
        if (Number.isFinite(px + py)) {
          // Far outside the frame a coordinate says no more than that it is outside.
          d += `${open ? "L" : "M"}${F(Math.max(-1e5, Math.min(1e5, px)))} ${F(Math.max(-1e5, Math.min(1e5, py)))}`;
          open = true;
        } else open = false;
      }
      return d;
    }

    function shape(layer, at, inside) {
      const xs = frame[layer.x], ys = frame[layer.y], role = layer.role;
      const text = layer.label === undefined ? "" : fill(spec, frame, frame[layer.label]);
      const on = (i) => [at.x + xs[i] * at.w, at.y + (1 - ys[i]) * at.h];
      const name = (reach) => {
        if (!text) return;
        let i = Math.round((layer.label_at ?? 1) * (xs.length - 1));
        while (i > 0 && !(fine(xs[i]) && fine(reach[i]))) i--;
        if (!fine(xs[i]) || !fine(reach[i])) return;
        label(text, at.x + xs[i] * at.w - (layer.label_at == null ? 4 : 0), at.y + (1 - reach[i]) * at.h - 9, xs[i] > 0.75 ? "end" : "start", role, at);
      };
      if (layer.kind === "curve") {
        inside.push(`<path class="${role} line${layer.thin ? " thin" : ""}${layer.dashed ? " " + layer.dashed : ""}" d="${line(xs, ys, at)}"/>`);
        name(ys);
      } else if (layer.kind === "band") {
        const high = frame[layer.high], good = [...xs.keys()].filter((i) => Number.isFinite(xs[i] + ys[i] + high[i])), back = [...good].reverse();
        const pick = (a, list) => list.map((i) => a[i]);
        if (good.length) {
          const d = line([...pick(xs, good), ...pick(xs, back)], [...pick(ys, good), ...pick(high, back)], at);
          inside.push(`<path class="${role} band" d="${d}z"/><path class="${role} edge ${layer.edge}" d="${line(xs, ys, at)}${line(xs, high, at)}"/>`);
          name(high);
        }
      } else if (layer.kind === "region") {
        const [x0, x1] = Number.isNaN(xs[0] + xs[1]) ? [0, 1] : xs, [y0, y1] = Number.isNaN(ys[0] + ys[1]) ? [0, 1] : ys;
        const [l, r, t] = [Math.max(0, Math.min(x0, x1)), Math.min(1, Math.max(x0, x1)), Math.min(1, Math.max(y0, y1))], b = Math.max(0, Math.min(y0, y1));
        if (r > l && t > b) {
          inside.push(`<rect class="${role} region${layer.hatch ? " hatch" : ""}" x="${F(l * at.w)}" y="${F((1 - t) * at.h)}" width="${F((r - l) * at.w)}" height="${F((t - b) * at.h)}"/>`);
          if (text) label(text, at.x + ((l + r) / 2) * at.w, at.y + (1 - t) * at.h + 16, "middle", "quiet", at);
        }
      } else if (layer.kind === "bars") {
        const high = frame[layer.high], rows = panels[layer.panel].y, tall = (layer.thickness * at.h) / (rows.high - rows.low);
        for (let i = 0; i < xs.length; i++) {
          if (!Number.isFinite(xs[i] + high[i])) continue;
          const l = Math.max(0, xs[i]) * at.w, r = Math.min(1, high[i]) * at.w, top = (1 - ys[i]) * at.h - tall / 2;
          if (r > l) inside.push(`<rect class="${layer.roles[i]} bar" x="${F(l)}" y="${F(top)}" width="${F(r - l)}" height="${F(tall)}"/>`);
          const words = layer.labels ? fill(spec, frame, frame[layer.labels[i]]) : "";
          if (!words) continue;
          if (r - l > LONG(words) + 8) above.push(`<text class="on-bar" x="${F(at.x + (l + r) / 2)}" y="${F(at.y + top + tall / 2 + 4)}" text-anchor="middle">${drawn(words)}</text>`);
          else if (l <= 1 && r < at.w - LONG(words)) label(words, at.x + Math.max(r, 0) + 6, at.y + top + tall / 2 + 4, "start", layer.roles[i], at);
          else label(words, at.x + (l + r) / 2, at.y + top - 5, "middle", layer.roles[i], at);
        }
      } else if (layer.kind === "points") {
        const css = `${role} dot${layer.hollow ? " hollow" : ""}`;
        for (let i = 0; i < xs.length; i++) {
          if (!fine(xs[i]) || !fine(ys[i])) continue;
          const [px, py] = on(i);
          if (layer.stem !== undefined) inside.push(`<path class="${role} line stem" d="M${F(xs[i] * at.w)} ${F((1 - frame[layer.stem][i]) * at.h)}V${F((1 - ys[i]) * at.h)}"/>`);
          above.push(marker(layer.shape, px, py, layer.size, css));
          const words = layer.labels ? fill(spec, frame, frame[layer.labels[i]]) : i === xs.length - 1 ? text : "";
          if (words) beside(words, px, py, layer.side, role, at);
        }
      } else if (layer.kind === "mark" && fine(xs[0]) && fine(ys[0]) && text) beside(text, ...on(0), layer.side, role, at, layer.bold);
    }

    const p = spec.predict;
    if (p && see.guess !== undefined && (p.x !== undefined || p.y !== undefined)) {
      const panel = panels[p.panel], { x, y, w, h } = frames[p.panel], guess = see.guess;
      const [tx, ty] = p.x !== undefined ? [toFraction(panel.x, p.x), toFraction(panel.y, guess)] : [toFraction(panel.x, guess), toFraction(panel.y, p.y)];
      if (fine(tx) && fine(ty)) {
        above.push(marker("circle", x + tx * w, y + (1 - ty) * h, 7, "ink dot hollow"));
        beside("your guess", x + tx * w, y + (1 - ty) * h, tx > 0.7 ? "left" : "right", "ink", { x, y, w, h });
      }
    }
    if (see.cursor) above.push(marker("circle", see.cursor[0], see.cursor[1], 6, "ink dot hollow"));
    return `<svg class="picture" viewBox="0 0 ${width} ${height}" role="img" aria-label="${safe(spec.question).replace(/"/g, "&quot;")}">${parts.join("")}${above.join("")}</svg>`;
  }

  // The place on a readable curve nearest to a horizontal place of the picture, and its values.
  function readAt(spec, frame, position, width, px, hidden) {
    const panels = panelsOf(spec, position), { frames } = layOut(spec, panels, width);
    const layer = spec.layers.find((l) => l.read && !(hidden && l.after));
    if (!layer) return null;
    const { x, y, w, h } = frames[layer.panel], panel = panels[layer.panel], xs = frame[layer.x], ys = frame[layer.y];
    const t = Math.max(0, Math.min(1, (px - x) / w));
    for (let i = 1; i < xs.length; i++) {
      const [a, b] = [xs[i - 1], xs[i]];
      if (!((a <= t && t <= b) || (b <= t && t <= a)) || !Number.isFinite(ys[i] + ys[i - 1])) continue;
      const v = ys[i - 1] + (a === b ? 0 : ((t - a) / (b - a)) * (ys[i] - ys[i - 1]));
      if (!(v >= 0 && v <= 1)) continue;
      const words = [[panel.x, t], [panel.y, v]].map(([axis, f]) => `${axis.label} ${written(fromFraction(axis, f), axis.form)} ${axis.unit}`.trim());
      return { cursor: [x + t * w, y + (1 - v) * h], words: words.join(", "), px: x + t * w };
    }
    return null;
  }

  // ---- the page: controls, guess, sentence, address

  function guessed(spec, frame, guess) {
    const p = spec.predict, truth = valueOf(spec, frame, p.answer), unit = p.unit ? " " + p.unit : "";
    const options = p.options || [], option = options.find((o) => o[0] === guess);
    // A whole number that is a choice's own stands for the words of that choice.
    const right = p.form === "f0" && options.find((o) => Math.abs(o[0] - truth) < 0.05);
    const said = option ? option[1] : written(guess, p.form) + unit;
    if (right) return `You said ${said}${right === option ? ", and so it is" : `; it is ${right[1]}`}. ${p.why}`;
    const start = `You said ${said}; it is ${written(truth, p.form)}${unit}`;
    const far = (o) => Math.abs(p.scale === "log" ? Math.log(o[0] / truth) : o[0] - truth);
    const near = option && written(guess, p.form) !== written(truth, p.form) && p.options.every((o) => far(o) >= far(option));
    return `${start}${near ? ", the nearest of these" : ""}. ${p.why}`;
  }

  function mount(host, spec, source, model) {
    const p = spec.predict, start = spec.controls.map((c) => c.start);
    let position = [...start], frame = source(position), hidden = !!p, guess, verdict = "", px = null, pressed = false, waiting, width = 0;
    // Rows to leave out, and the one under the pointer or the keys.
    const pick = spec.pick;
    let near = null;
    const live = host.querySelector(".explorer-live");
    const one = (css) => live.querySelector(css), stage = one(".stage"), status = one(".status"), ask = one("form");
    for (const input of live.querySelectorAll("input")) input.dataset.lmSuppressShortcuts = "true";
    stage.dataset.lmSuppressShortcuts = "true";
    // Both at once, before anything is measured: the page is laid out once.
    live.hidden = false;
    host.classList.add("live");
    const inputs = [...live.querySelectorAll("[data-control]")];

    function draw() {
      const size = Math.max(280, Math.min(stage.clientWidth || 720, 900));
      const found = pick ? near !== null && told(size) : px === null ? null : readAt(spec, frame, position, size, px * size, hidden);
      width = size;
      stage.innerHTML = paint(spec, frame, position, size, { hidden, guess, cursor: found && found.cursor });
      one(".read").innerHTML = found ? raised(safe(found.words)) : "";
      one(".said").innerHTML = hidden ? "" : raised(sentence(spec, frame, true));
      one(".verdict").innerHTML = raised(safe(verdict));
      for (const input of inputs) {
        const i = Number(input.dataset.control), control = spec.controls[i];
        if (control.options) input.checked = Number(input.value) === position[i];
        else {
          const words = shown(control, position[i]);
          input.value = position[i];
          input.style.setProperty("--part", `${(100 * position[i]) / input.max}%`);
          input.setAttribute("aria-valuetext", spoken(words));
          input.previousElementSibling.innerHTML = raised(safe(words));
        }
      }
      if (one("details").open) table();
      return found;
    }

    function told(size) {
      const out = position[pick.control].includes(near);
      return { cursor: rowsOf(spec, frame, position, size)[near], words: `${pick.names[near]}; ${spec.controls[pick.control][out ? "back" : "leave"]}` };
    }

    // Leaves a row out, or puts it back.
    function toggle(row) {
      const rows = position[pick.control], out = rows.includes(row);
      if (!out && rows.length >= spec.controls[pick.control].most) return rest(`No more than ${rows.length} can be chosen.`);
      position[pick.control] = out ? rows.filter((r) => r !== row) : [...rows, row].sort((a, b) => a - b);
      move();
    }

    // The row next to the pointer, if a fingertip would touch it.
    function under(event, box) {
      const scale = width / box.width, [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      const far = rowsOf(spec, frame, position, width).map(([a, b]) => Math.hypot(a - x, b - y)), row = far.indexOf(Math.min(...far));
      return far[row] < 22 ? row : null;
    }

    function table() {
      one("table").innerHTML = "<tbody>" + Object.keys(spec.numbers).filter((name) => spec.numbers[name].label && !(hidden && p)).map((name) => {
        const { label, unit, form } = spec.numbers[name];
        return `<tr><th scope="row">${raised(safe(label))}</th><td>${raised(written(valueOf(spec, frame, name), form))} ${safe(unit)}</td></tr>`;
      }).join("") + "</tbody>";
    }

    // The spoken sentence and the address follow once the hand rests.
    function rest(words) {
      clearTimeout(waiting);
      if (pressed) return;
      waiting = setTimeout(() => {
        status.textContent = words || (hidden ? "" : spoken(sentence(spec, frame)));
        if (!model && !hidden) history.replaceState(null, "", address());
      }, 400);
    }

    const address = () => `#${spec.name}?` + spec.controls.map((c, i) =>
      `${c.name}=${c.options ? encodeURIComponent(c.keys[position[i]]) : c.rows ? position[i].join(".") : String(Number(valueAt(c, position[i]).toPrecision(6))).replace("+", "")}`).join("&");

    function arrive(text) {
      const [name, query] = text.split("?");
      if (name !== "#" + spec.name || !query) return;
      for (const [key, words] of new URLSearchParams(query)) {
        // A plus in an address means a space; 1e+21 is meant as it stands.
        const i = spec.controls.findIndex((c) => c.name === key), control = spec.controls[i], value = words.replace(" ", "+");
        if (i < 0) continue;
        if (control.options) position[i] = Math.max(0, control.keys.indexOf(value));
        else if (control.rows) position[i] = [...new Set((value.match(/\d+/g) || []).map(Number))].filter((row) => row < control.rows).slice(0, control.most).sort((a, b) => a - b);
        else {
          const steps = [...Array((control.stops.length - 1) * control.between + 1).keys()], far = (s) => Math.abs(Math.log(valueAt(control, s) / value));
          const near = control.scale === "log" ? far : (s) => Math.abs(valueAt(control, s) - value);
          if (Number.isFinite(near(0))) position[i] = steps.reduce((best, s) => (near(s) < near(best) ? s : best));
        }
      }
      if (hidden) reveal();
      move();
      host.scrollIntoView();
    }

    function move() {
      if (hidden) reveal();
      if (model) {
        model.set("position", [...position]);
        model.save_changes();
      } else {
        frame = source(position);
        draw();
      }
      rest();
    }

    function reveal() {
      hidden = false;
      ask.hidden = true;
      if (guess !== undefined) verdict = guessed(spec, frame, guess);
      draw();
    }

    live.addEventListener("input", (event) => {
      const { control } = event.target.dataset;
      if (control !== undefined) {
        position[control] = Number(event.target.value);
        move();
      } else if (ask && ask.contains(event.target)) {
        guess = Number(event.target.value);
        if (event.target.type === "range") {
          const t = guess / 100;
          guess = blend(p.scale, p.low, p.high, t);
          const words = `${written(guess, p.form)} ${p.unit}`.trim();
          event.target.style.setProperty("--part", `${100 * t}%`);
          event.target.setAttribute("aria-valuetext", spoken(words));
          event.target.previousElementSibling.innerHTML = raised(safe(words));
        }
      }
    });
    live.addEventListener("pointerdown", (event) => { pressed = event.target.type === "range"; });
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => { if (pressed) { pressed = false; rest(); } });
    if (ask) ask.addEventListener("submit", (event) => {
      event.preventDefault();
      reveal();
      rest(spoken(verdict && verdict + " ") + spoken(sentence(spec, frame)));
      (inputs[0] || stage).focus({ preventScroll: true });
    });
    one(".reset").addEventListener("click", () => {
      position = [...start];
      px = null;
      move();
    });
    one("details").addEventListener("toggle", () => table());
    if (pick) {
      one(".more").addEventListener("click", () => toggle(pick.order.find((row) => !position[pick.control].includes(row))));
      stage.addEventListener("click", (event) => {
        near = under(event, stage.getBoundingClientRect());
        if (near !== null) toggle(near);
      });
    }
    stage.addEventListener("pointermove", (event) => {
      const box = stage.getBoundingClientRect();
      px = (event.clientX - box.left) / box.width;
      if (pick) near = under(event, box);
      draw();
    });
    for (const kind of ["pointerleave", "blur"]) stage.addEventListener(kind, () => { px = near = null; draw(); });
    stage.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 0.02, ArrowLeft: -0.02 }[event.key], enter = pick && near !== null && ["Enter", " "].includes(event.key);
      if (!step && !enter) return;
      event.preventDefault();
      event.stopPropagation();
      if (enter) return toggle(near);
      px = Math.max(0, Math.min(1, (px ?? 0.5) + step));
      if (pick) near = pick.order[Math.max(0, Math.min(pick.order.length - 1, pick.order.indexOf(near) + Math.sign(step)))];
      const found = draw();
      rest(found ? spoken(found.words) : "The curve leaves the picture here.");
    });
    if (model) {
      model.on("change:frame", () => { frame = model.get("frame").map(clean); position = [...model.get("position")]; draw(); rest(); });
    } else {
      addEventListener("hashchange", () => arrive(location.hash));
    }
    new ResizeObserver(() => { if (stage.clientWidth && stage.clientWidth !== width) draw(); }).observe(stage);
    draw();
    if (!model && location.hash.startsWith(`#${spec.name}?`)) arrive(location.hash);
  }

  const clean = (values) => (typeof values === "string" ? values : Float64Array.from(values, (v) => v ?? NaN));

  // In a page: every figure that holds its data comes alive.
  function start() {
    for (const host of document.querySelectorAll("figure.explorer:not(.live)")) {
      const data = host.querySelector("script.explorer-data");
      if (!data) continue;
      const { spec, slots } = JSON.parse(data.textContent);
      if (spec.pick && !programs[spec.pick.program]) continue;
      mount(host, spec, (position) => frameAt(spec, slots, position));
    }
  }

  let count = 0;

  // Under a kernel: anywidget calls this with the model of a LiveFigure.
  function render({ model, el }) {
    const host = document.createElement("figure");
    host.className = "explorer";
    host.innerHTML = model.get("markup").replaceAll("%id%", "kernel" + ++count);
    el.append(host);
    mount(host, model.get("spec"), () => model.get("frame").map(clean), model);
  }

  // The page is shown first, then its figures come alive: laying it out for them before would hold up the words.
  // Not before every script of the page ran: the program of a figure may come late, over a slow line.
  const soon = () => (window.requestIdleCallback || setTimeout)(start, { timeout: 500 });
  if (typeof document !== "undefined") document.readyState === "complete" ? soon() : addEventListener("DOMContentLoaded", soon);
  return { SCALES, decode, frameAt, guessed, paint, programs, render, sentence, start, valueOf, written };
})();
export default explorer;
