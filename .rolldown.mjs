// `npm run build` makes dist/app of src/cli.ts, and dist/cli.cjs, which starts it. Why: docs/decisions.md, 11 and 20.
const common = { platform: 'node', logLevel: 'warn' };

/** Code that V8 takes out of its cache has forgotten who imports for it, so that dist/cli.cjs does. */
const imports = {
  name: 'imports',
  renderChunk: (code) => code.replaceAll(/\bimport\((["'])([a-z][a-z0-9/]*)\1\)/g, '__import($1$2$1)'),
};

export default [
  {
    ...common,
    input: 'src/cli.ts',
    plugins: [imports],
    // The last two are what ssh2 could use if they had been compiled: .npmrc leaves them out.
    external: ['zx/core', 'inquirer', 'cpu-features', './crypto/build/Release/sshcrypto.node'],
    output: {
      dir: 'dist/app',
      format: 'cjs',
      cleanDir: true,
      entryFileNames: '[name]-[hash].cjs',
      chunkFileNames: '[name]-[hash].cjs',
    },
  },
  { ...common, input: 'src/launch/cli.ts', output: { file: 'dist/cli.cjs', format: 'cjs' } },
];
