import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

/** A new folder that holds a copy of a client's sources and finds the installed packages. */
export const makeClientFolder = (client) => {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), `masthead-${client}-`));
  cpSync(path.join(here, client), folder, { recursive: true });
  symlinkSync(path.join(here, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'commonjs' }));
  return folder;
};

/** Removes what `makeClientFolder` made. */
export const removeClientFolder = (folder) => rmSync(folder, { recursive: true, force: true });

/** Runs an installed package's command in the folder; answers its exit status and all that it printed. */
export const runTool = (folder, script, ...options) => {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [path.join(here, 'node_modules', script), ...options],
    { cwd: folder, encoding: 'utf8' },
  );
  if (error) throw error;
  return { status, output: stdout + stderr };
};

/** Checks the folder's TypeScript as strictly as the compiler can, and writes JavaScript to `compiled`. */
export const compileStrictly = (folder) => {
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      // The packages' own declarations are not ours to judge: relay-runtime's do not compile.
      skipLibCheck: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      // Generated files import each other without a suffix, as bundlers and CommonJS resolve it.
      module: 'commonjs',
      moduleResolution: 'bundler',
      types: [],
      rootDir: '.',
      outDir: 'compiled',
    },
    include: ['**/*.ts'],
    exclude: ['node_modules', 'compiled'],
  }));
  return runTool(folder, 'typescript/bin/tsc', '--project', 'tsconfig.json');
};
