// Bundles src/ into crates/api/assets/explorer: one script and one stylesheet with the hash of their
// content in their names, the page that names them, the icon, and the licences of what is bundled.
// Beside each stand its .br and .gz, made once here at the highest level instead of at each request.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'src');
const output = join(here, '../crates/api/assets/explorer');

// GraphiQL's stylesheet embeds two font families and a few pictures as data: addresses, which
// `default-src 'self'` forbids, and which are nine tenths of its size. The system's fonts serve.
const withoutDataAddresses = {
  name: 'without-data-addresses',
  setup(builder) {
    builder.onLoad({ filter: /node_modules\/.*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, 'utf8');
      return {
        contents: css
          .replace(/@font-face\s*\{[^}]*\}/g, '')
          .replace(/background-image:\s*url\(\s*["']?data:[^)]*\);?/g, ''),
        loader: 'css',
      };
    });
  },
};

const bundle = async () => {
  const result = await build({
    absWorkingDir: here,
    alias: { 'react-style-singleton': join(source, 'style_singleton.js') },
    banner: { js: '/* Licences of the bundled packages: licences.txt */' },
    bundle: true,
    charset: 'utf8',
    define: { 'process.env.NODE_ENV': '"production"' },
    entryPoints: { explorer: join(source, 'main.jsx') },
    format: 'esm',
    jsx: 'automatic',
    legalComments: 'none',
    loader: { '.graphql': 'text' },
    logLevel: 'warning',
    metafile: true,
    minify: true,
    outdir: output,
    plugins: [withoutDataAddresses],
    target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
    write: false,
  });
  return { inputs: Object.keys(result.metafile.inputs), files: result.outputFiles };
};

// The packages' licences ask that their text goes with every copy.
const licences = async (inputs) => {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  const texts = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'));
    const file = (await readdir(join(here, folder))).sort().find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file ? await readFile(join(here, folder, file), 'utf8') : 'The package carries no licence text.\n';
    texts.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`);
  }
  const sorted = [...texts.keys()].sort().map((key) => texts.get(key));
  return `The explorer is built from Masthead's own source and these packages.\n\n${sorted.join(`\n${'-'.repeat(72)}\n\n`)}`;
};

const hashed = (name, extension, content) =>
  `${name}.${createHash('sha256').update(content).digest('hex').slice(0, 12)}.${extension}`;

const render = async () => {
  const { inputs, files } = await bundle();
  const contentOf = (extension) => Buffer.from(files.find(({ path }) => path.endsWith(extension)).contents);
  const script = contentOf('.js');
  const style = contentOf('.css');
  const icon = await readFile(join(source, 'icon.svg'));
  const names = {
    script: hashed('explorer', 'js', script),
    style: hashed('explorer', 'css', style),
    icon: hashed('icon', 'svg', icon),
  };
  const page = (await readFile(join(source, 'index.html'), 'utf8')).replace(/\{\{(\w+)\}\}/g, (_, key) => names[key]);
  return new Map([
    ['index.html', Buffer.from(page)],
    [names.script, script],
    [names.style, style],
    [names.icon, icon],
    ['licences.txt', Buffer.from(await licences(inputs))],
  ]);
};

const encodings = [
  {
    extension: '.br',
    compress: (content) =>
      brotliCompressSync(content, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
        },
      }),
    decompress: brotliDecompressSync,
  },
  { extension: '.gz', compress: (content) => gzipSync(content, { level: 9 }), decompress: gunzipSync },
];

// A compressed file is right when it holds the right content: its bytes differ between zlib's releases.
const check = async (expected) => {
  const wrong = [];
  const present = new Set(await readdir(output).catch(() => []));
  const compare = async (name, content, decode) => {
    if (!present.delete(name)) return wrong.push(`${name} is missing`);
    let same = false;
    try {
      same = content.equals(decode(await readFile(join(output, name))));
    } catch {
      // What does not decompress is not the same.
    }
    if (!same) wrong.push(`${name} differs from what the source builds`);
  };
  for (const [name, content] of expected) {
    await compare(name, content, (bytes) => bytes);
    for (const { extension, decompress } of encodings) await compare(name + extension, content, decompress);
  }
  for (const name of present) wrong.push(`${name} is not built from the source`);
  return wrong;
};

const expected = await render();
const folder = relative(process.cwd(), output);
if (process.argv.includes('--check')) {
  const wrong = await check(expected);
  if (wrong.length > 0) {
    console.error(`${folder} is out of date; run explorer/build and commit the result:\n  ${wrong.join('\n  ')}`);
    process.exit(1);
  }
  console.log(`${folder} is what the source builds.`);
} else {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  for (const [name, content] of expected) {
    await writeFile(join(output, name), content);
    const sizes = [];
    for (const { extension, compress } of encodings) {
      const compressed = compress(content);
      sizes.push(`${extension} ${compressed.length}`);
      await writeFile(join(output, name + extension), compressed);
    }
    console.log(`${join(folder, name)}  ${content.length} bytes, ${sizes.join(', ')}`);
  }
}
