// Quizzes: checks an answer, says what belongs to it, and keeps answers in this browser. Knows no subject matter:
// all words and ranges stand in the page, in the list under each question.
(function () {
  "use strict";

  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
  const WORDS = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

  // The number that a text means, in the unit, or NaN: 1.2e3, 1,200, 6×10^22, 6·10²², 7.2 billion, 12%.
  function read(text, unit) {
    let plain = text.trim().toLowerCase().replace(/\u2212/g, "-");
    unit = (unit || "").trim().toLowerCase();
    if (unit && plain.endsWith(unit)) plain = plain.slice(0, -unit.length);
    plain = plain.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/g, (raised) =>
      "^" + Array.from(raised, (sign) => "0123456789-"[RAISED.indexOf(sign)]).join(""));
    plain = plain.replace(/[\s\u00a0\u2009\u202f_]+/g, "");
    let times = 1;
    const word = Object.keys(WORDS).find((name) => plain.endsWith(name));
    if (word) {
      // "9 billion" is 9 where billions are asked for.
      times = WORDS[word] / (WORDS[unit.split(" ")[0]] || 1);
      plain = plain.slice(0, -word.length);
    }
    plain = plain.replace(/^([+-]?)10\^/, "$11x10^").replace(/[x×*·]10(\^|\*\*)[({]?([+-]?\d+)[)}]?$/, "e$2");
    if (/^[+-]?\d{1,3}(,\d{3})+(\.|e|$)/.test(plain)) plain = plain.replace(/,/g, "");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain) ? Number(plain) * times : NaN;
  }

  // What is stored may be anything; only a mark and an answer, both words, count.
  function remembered(text) {
    let read;
    try { read = JSON.parse(text); } catch { read = null; }
    const isAnswer = (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((word) => typeof word === "string");
    return Object.fromEntries(Object.entries(Object(read)).filter(([, pair]) => isAnswer(pair)));
  }

  function drawer(name) {
    const key = "quiz " + name;
    return {
      works: true,
      take() {
        try { return remembered(localStorage.getItem(key)); } catch { this.works = false; return {}; }
      },
      put(kept) {
        try {
          if (Object.keys(kept).length) localStorage.setItem(key, JSON.stringify(kept));
          else localStorage.removeItem(key);
        } catch { this.works = false; }
      },
    };
  }

  function make(tag, name, text) {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }

  function wake(quiz) {
    const box = drawer(quiz.dataset.quiz);
    const kept = box.take();
    const parts = Array.from(quiz.querySelectorAll(".quiz-question"), (question) => ask(question, kept, () => box.put(kept)));
    const line = make("div", "quiz-kept", "");
    const note = make("span", "", "");
    const clear = make("button", "quiz-clear", "Clear my answers");
    const tell = (said) => { note.textContent = said + (box.works
      ? "Your answers are kept in this browser only." : "This browser keeps no answers; they are gone with the page."); };
    clear.type = "button";
    note.setAttribute("role", "status");
    tell("");
    clear.addEventListener("click", () => {
      for (const part of parts) part.clear();
      for (const name of Object.keys(kept)) delete kept[name];
      box.put(kept);
      tell("Cleared. ");
    });
    line.append(note, clear);
    quiz.append(line);
  }

  function ask(question, kept, keep) {
    const inputs = Array.from(question.querySelectorAll("fieldset input"));
    const typed = inputs[0].type === "text";
    const unit = question.querySelector(".quiz-unit");
    const answers = question.querySelector(".quiz-answers");
    const items = Array.from(answers.querySelectorAll("li"));
    const feedback = make("div", "quiz-feedback", "");
    const check = make("button", "quiz-check", "Check");

    const value = () => typed ? inputs[0].value.trim() : (inputs.find((input) => input.checked) || { value: "" }).value;

    function belongs(item, answer, number) {
      if (!typed) return item.dataset.is === answer;
      return "else" in item.dataset || (number >= Number(item.dataset.low) && number <= Number(item.dataset.high));
    }

    function show() {
      const answer = value();
      const number = typed ? read(answer, unit && unit.textContent) : NaN;
      if (!answer) return say(typed ? "Type a number first." : "Choose an answer first.");
      if (typed && Number.isNaN(number)) {
        return say("This cannot be read as one number. Write it as 1200, 1,200, 1.2e3 or 6×10^22, with a decimal point.");
      }
      const item = items.find((each) => belongs(each, answer, number));
      feedback.replaceChildren(...Array.from(item.childNodes).slice(1).map((node) => node.cloneNode(true)));
      answers.hidden = false;
      return true;
    }

    function say(words) {
      feedback.textContent = words;
      return false;
    }

    function forget() {
      feedback.textContent = "";
      if (kept[question.id]) { delete kept[question.id]; keep(); }
    }

    function tryIt() {
      if (show()) { kept[question.id] = [question.dataset.mark, value()]; keep(); }
    }

    function clear() {
      for (const input of inputs) { if (typed) input.value = ""; else input.checked = false; }
      feedback.textContent = "";
      answers.hidden = true;
      answers.open = false;
    }

    clear();
    const [mark, before] = kept[question.id] || [];
    if (mark === question.dataset.mark) {
      if (typed) inputs[0].value = before;
      for (const input of inputs) if (!typed) input.checked = input.value === before;
      if (value()) show();
    } else delete kept[question.id];
    check.type = "button";
    check.addEventListener("click", tryIt);
    for (const input of inputs) {
      input.addEventListener("input", forget);
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); tryIt(); } });
    }
    // Only now a live region, so that what was kept is there to read and is not called out on arrival.
    feedback.setAttribute("role", "status");
    answers.before(check, feedback);
    return { clear };
  }

  if (typeof document === "undefined") Object.assign(globalThis, { readNumber: read, remembered });
  else for (const quiz of document.querySelectorAll(".quiz")) wake(quiz);
})();
