// Scrolls through the list, a screen's half at a time, and tells how long each picture took.

async () => {
  const rows = document.querySelector(".rows");
  const frames = [];
  let last = performance.now();
  for (let step = 0; step < 240; step += 1) {
    rows.scrollTop += 480;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  frames.sort((one, other) => one - other);
  const elements = document.querySelectorAll(".rows .row").length;
  return { median: frames[120], slow: frames[227], worst: frames[239], elements, top: rows.scrollTop };
}
