/** The three things that an account is opened with. */

import type { ComponentProps } from 'react';
import { Field } from '../../components/Field';

type Props = Pick<
  ComponentProps<typeof Field>,
  'value' | 'onChangeText' | 'error' | 'hint' | 'onSubmitEditing' | 'inputRef' | 'autoFocus'
>;

export function UsernameField({ fixed, ...rest }: Props & { fixed: boolean }) {
  return (
    <Field
      {...rest}
      label="Username"
      testID="username"
      editable={!fixed}
      autoCapitalize="none"
      autoCorrect={false}
      spellCheck={false}
      autoComplete="username"
      textContentType="username"
      maxLength={64}
      returnKeyType="next"
      submitBehavior="submit"
    />
  );
}

export function DisplayNameField(props: Props) {
  return (
    <Field
      {...props}
      label="Name (optional)"
      hint="What others see. You can change it later."
      testID="display-name"
      autoCapitalize="words"
      autoComplete="name"
      textContentType="name"
      maxLength={64}
      returnKeyType="next"
      submitBehavior="submit"
    />
  );
}

interface PasswordProps extends Props {
  /** It is being chosen, not remembered. */
  isNew: boolean;
  label?: string;
  testID?: string;
}

export function PasswordField({ isNew, label = 'Password', testID = 'password', ...rest }: PasswordProps) {
  return (
    <Field
      {...rest}
      secret
      label={label}
      testID={testID}
      hint={rest.hint ?? (isNew ? 'At least 8 characters.' : undefined)}
      autoCapitalize="none"
      autoCorrect={false}
      spellCheck={false}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      textContentType={isNew ? 'newPassword' : 'password'}
      maxLength={isNew ? 128 : 1024}
      returnKeyType="go"
    />
  );
}
