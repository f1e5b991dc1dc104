/** From nothing to all conversations: section 5 of the contract. It goes on where it was cut off. */

import { Refused } from '../core/failures';
import type { Mirror } from '../repositories/mirror';
import type { Send } from '../transport/rest/client';
import { isSnapshot } from '../transport/rest/shapes';
import { bootstrapPage } from '../transport/rest/sync';

/** Does nothing if all is here. Rejects with what `send` rejects with; what has come until then stays. */
export async function bootstrap(send: Send, mirror: Mirror, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const { bootstrapped, bootstrapCursor: cursor, arrived } = await mirror.state();
    if (bootstrapped) return;
    try {
      const page = await bootstrapPage(send, cursor, signal);
      await mirror.applyBootstrap(
        { epoch: page.sync_epoch, cursor, next: page.next_cursor },
        async (applying) => {
          await applying.users([...page.users, page.me]);
          for (const item of page.conversations.filter(isSnapshot)) {
            const held = await applying.cursor(item.conversation.id);
            // What moved between two pages is on both, and newer on the second. On a device that was never here, what others
            // wrote before counts as read: it was, elsewhere.
            if (held === null || held < item.head_seq) await applying.replace(item, { read: !arrived });
          }
        },
      );
    } catch (failure) {
      if (!(failure instanceof Refused) || cursor === null) throw failure;
      if (failure.status !== 409 && failure.status !== 422) throw failure;
      await mirror.restartBootstrap(); // the cursor is of another history, or of another version of the service
    }
  }
}
