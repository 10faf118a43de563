import { fileURLToPath } from 'node:url';
import importX from 'eslint-plugin-import-x';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { readdirSync } from 'node:fs';

const src = fileURLToPath(new URL('./src', import.meta.url));
const features = readdirSync(`${src}/features`);

/** app → features → shared; features do not know each other. */
const directions = [
  { target: './src/shared', from: ['./src/features', './src/app'], message: 'shared knows neither features nor app' },
  { target: './src/features', from: './src/app', message: 'features do not know the app' },
  ...features.map((feature) => ({
    target: `./src/features/${feature}`,
    from: './src/features',
    except: [`./${feature}`],
    message: 'features do not know each other: what they share belongs to shared',
  })),
];

export default tseslint.config(
  { ignores: ['dist', 'src/shared/graphql/generated.ts'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'import-x': importX, 'react-hooks': reactHooks, 'jsx-a11y': jsxA11y },
    languageOptions: { globals: globals.browser },
    settings: { 'import-x/resolver-next': [(await import('eslint-plugin-import-x')).createNodeResolver({ extensions: ['.ts', '.tsx', '.js'], alias: { '@': [src] } })] },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      ...jsxA11y.flatConfigs.recommended.rules,
      // Regions that scroll, charts that are read by keys and the live mark take the focus.
      'jsx-a11y/no-noninteractive-tabindex': ['error', { roles: ['region', 'application', 'note'], tags: [] }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      'import-x/no-restricted-paths': ['error', { basePath: fileURLToPath(new URL('.', import.meta.url)), zones: directions }],
      'import-x/no-cycle': ['error', { maxDepth: 6 }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
    },
  },
  { files: ['scripts/**', 'eslint.config.js'], languageOptions: { globals: globals.node } },
);
