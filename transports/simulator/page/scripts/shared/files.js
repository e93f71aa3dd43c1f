// Files that somebody has chosen, as the control API takes them: names, types, and contents in Base64.

const MOST_OCTETS = 10_000_000;

export async function readFiles(files) {
  const chosen = [...files];
  const total = chosen.reduce((sum, file) => sum + file.size, 0);
  if (total > MOST_OCTETS) throw new Error(`All files together may have ${MOST_OCTETS / 1e6} MB.`);
  return Promise.all(chosen.map(async (file) => ({ name: file.name.replaceAll("/", "_"), content_type: file.type || null, content: await base64(file) })));
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
