// Times and amounts as people read them. All times are the provider's, in UTC.

const TWO = (value) => String(value).padStart(2, "0");

export function timeOfDay(seconds, { milliseconds = false } = {}) {
  const date = new Date(Math.round(seconds * 1000));
  const text = `${TWO(date.getUTCHours())}:${TWO(date.getUTCMinutes())}:${TWO(date.getUTCSeconds())}`;
  return milliseconds ? `${text}.${String(date.getUTCMilliseconds()).padStart(3, "0")}` : text;
}

export function day(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.getUTCFullYear()}-${TWO(date.getUTCMonth() + 1)}-${TWO(date.getUTCDate())}`;
}

export function moment(seconds, options) {
  return `${day(seconds)} ${timeOfDay(seconds, options)}`;
}

export function iso(seconds) {
  return new Date(Math.round(seconds * 1000)).toISOString();
}

// 0.25 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "never";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86400) return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return pair(Math.floor(whole / 86400), "d", Math.floor((whole % 86400) / 3600), "h");
}

function pair(first, firstUnit, second, secondUnit) {
  return second ? `${first} ${firstUnit} ${second} ${secondUnit}` : `${first} ${firstUnit}`;
}

export function count(value) {
  return new Intl.NumberFormat("en").format(value);
}

export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function octets(value) {
  if (value < 1000) return plural(value, "octet");
  return value < 1_000_000 ? `${(value / 1000).toFixed(1)} KB` : `${(value / 1_000_000).toFixed(1)} MB`;
}
