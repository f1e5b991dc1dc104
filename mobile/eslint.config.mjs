import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist-new/**',
      'dist-native/**',
      'node_modules/**',
      'src/transport/rest/schema.d.ts',
      '.expo/**',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // A number in a text is a number in a text.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An answer's type is a promise of the service, not of the compiler: what comes in is looked at again.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Generated types speak of `[]` where the code has just looked that something is there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `() => void work()` says that nobody waits; what it gives is undefined either way.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // `send<T>` names what the contract answers
    },
  },
  // The interface of a driver is asynchronous; the one in memory is not.
  { files: ['test/**'], rules: { '@typescript-eslint/require-await': 'off' } },
);
