import { lengthOf, MAX_CONTENT_CHARACTERS } from '../../../core/text';
import { Words } from '../../components/Words';
import type { Composing } from './useComposing';

/** Early enough that nobody is surprised. */
const NEAR = MAX_CONTENT_CHARACTERS - 200;

/** Why a text cannot be sent, or soon could not be. Nothing for most. */
export function Limit({ text, problem }: Pick<Composing, 'text' | 'problem'>) {
  if (problem === 'unstorable') {
    return (
      <Words kind="small" tone="danger" role="alert">
        This text has a character that cannot be sent.
      </Words>
    );
  }
  if (text.length < NEAR) return null; // never fewer than code points
  const length = lengthOf(text);
  if (length < NEAR) return null;
  const so = `${length.toLocaleString()} of ${MAX_CONTENT_CHARACTERS.toLocaleString()} characters`;
  return (
    <Words kind="small" tone={problem === 'too_long' ? 'danger' : 'textSoft'} role="status">
      {problem === 'too_long' ? `Too long to be sent: ${so}.` : so}
    </Words>
  );
}
